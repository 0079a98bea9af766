// The caches of a CPU: from leaf 4, 0x8000001D, 0x80000005/6 or the descriptors of leaf 2.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "probes/cpuid.h"
#include "probes/cpuid_leaves.h"
#include "probes/cpuid_topology.h"

namespace torque {

struct CpuidCaches {
    std::vector<CpuidCache> caches;  // by level, type
    std::string leaf;                // "4"; empty when there is none
    // Where the last-level cache is described, when the leaf has a sub-leaf a cache: it differs between CPUs
    // that are alike in all else (an X3D part's two L3s, low-power cores without one).
    std::optional<std::uint32_t> last_level_leaf;
    std::uint32_t last_level_subleaf = 0;
};

CpuidCaches read_caches(const CpuidLeaves& leaves, const CpuidTopology& topology);

}  // namespace torque
