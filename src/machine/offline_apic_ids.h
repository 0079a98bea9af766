// APIC ids of CPUs that are offline, which neither the kernel nor CPUID shows, and the cores that these tell.
#pragma once

#include <cstdint>
#include <vector>

#include "probes/cpuid.h"
#include "torque/machine.h"

namespace torque {

// Linux numbers the CPUs in the order of firmware's table, the boot CPU first. Where that holds for every CPU
// whose id is known, and it is known of all that are online, the ids of the others are taken from the table.
void add_offline_apic_ids(const std::vector<std::uint32_t>& firmware, Machine& machine);

// Gives an offline CPU the core of the online CPU whose APIC id differs from its own in no more than the bits
// of the threads, which CPUID leaf 0xB or 0x1F, or AMD's 0x8000001E, tells even while SMT is switched off.
// Nothing where the cores of the machine are not those of CPUID.
void place_by_apic_ids(const std::vector<CpuidKind>& kinds, Machine& machine);

}  // namespace torque
