// The TLBs of a CPU: from leaf 0x18, the descriptors of leaf 2, and AMD's 0x80000005, 6 and 19.
#pragma once

#include <string>
#include <vector>

#include "probes/cpuid.h"
#include "probes/cpuid_leaves.h"

namespace torque {

struct CpuidTlbs {
    std::vector<CpuidTlb> tlbs;  // by level, type
    std::string leaf;            // "0x18", "2, 0x80000005"; empty when there is none
};

// What several leaves say is put together: each leaf's structures are listed, should they contradict.
CpuidTlbs read_tlbs(const CpuidLeaves& leaves);

}  // namespace torque
