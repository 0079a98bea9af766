// Where a CPU is in the machine: its APIC id and which bits of it number cores, modules, dies and packages.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probes/cpuid.h"
#include "probes/cpuid_leaves.h"

namespace torque {

struct CpuidTopology {
    std::uint32_t apic_id = 0;
    std::vector<CpuidDomain> domains;  // innermost first; core and package always among them
    std::optional<int> package_cpus;
    std::optional<int> amd_node;
    std::string leaf;

    int shift_of(CpuidDomainKind kind) const;
};

// Family 10h in socket G34: two dies of half the cores each, side by side in the package's APIC ids.
bool is_split_g34(const CpuidLeaves& leaves);

// The first of these that the CPU fills: 0x80000026 (AMD), 0x1F, 0xB, then 0x8000001E with 0x80000008 (AMD),
// then leaves 1 and 4.
CpuidTopology read_topology(const CpuidLeaves& leaves);

// The two things that differ from CPU to CPU, by as few CPUID executions as `leaf` allows.
struct CpuidPlace {
    std::uint32_t apic_id = 0;
    std::optional<int> amd_node;
};
CpuidPlace read_place(const CpuidLeaves& leaves, const std::string& leaf);

}  // namespace torque
