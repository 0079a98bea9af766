// APIC ids of CPUs that are offline, which neither the kernel nor CPUID shows.
#pragma once

#include <cstdint>
#include <vector>

#include "torque/machine.h"

namespace torque {

// Linux numbers the CPUs in the order of firmware's table, the boot CPU first. Where that holds for every CPU
// whose id is known, and it is known of all that are online, the ids of the others are taken from the table.
void add_offline_apic_ids(const std::vector<std::uint32_t>& firmware, Machine& machine);

}  // namespace torque
