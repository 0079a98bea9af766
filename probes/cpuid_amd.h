// AMD's 0x80000005, 6 and 19: caches and TLBs in packed fields, which VIA, Zhaoxin and Transmeta fill too.
#pragma once

#include <optional>
#include <vector>

#include "probes/cpuid.h"
#include "probes/cpuid_leaves.h"
#include "probes/cpuid_topology.h"

namespace torque {

// Associativity: so many ways, or fully associative, or neither when it is stated elsewhere or reserved.
struct AmdWays {
    bool is_present = true;  // false: the structure is disabled or the code is reserved
    bool is_full = false;
    std::optional<int> ways;
};
// The 4-bit code of 0x80000006 and 0x80000019 (APM volume 3, table E-4). A code that stands for a range of
// ways gives the lowest.
AmdWays amd_ways_of_code(std::uint32_t code);

// 0x80000005/6. The L3 size is the package's.
std::vector<CpuidCache> read_amd_caches(const CpuidLeaves& leaves, const CpuidTopology& topology);

// 0x80000005, 6 and 19. TLBs for 2M and 4M pages are listed with their number of 2M entries: a 4M page takes
// two.
std::vector<CpuidTlb> read_amd_tlbs(const CpuidLeaves& leaves);

}  // namespace torque
