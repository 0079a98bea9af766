// Which CPUs share a last-level cache.
#pragma once

#include <vector>

#include "torque/machine.h"

namespace torque::planning {

struct LastLevel {
    CpuSet cpus;                   // online CPUs that share it
    const Cache* cache = nullptr;  // absent where a cluster or a package stands in for an unknown cache
    bool is_guess = false;         // a package stands in: nothing is known of the caches
};

struct LastLevels {
    std::vector<LastLevel> groups;  // a partition of the online CPUs, by first CPU
    std::vector<int> of_cpu;        // index into groups by CPU number; -1 for CPUs that are not online
};

// A CPU's last level is the highest data or unified cache that lists it, from level 2 up; where there is
// none, its cluster; then its package; then the machine. A hybrid machine may have cores without the L3
// that the others have, so the highest level is a matter of each CPU.
LastLevels last_levels(const Machine& machine);

}  // namespace torque::planning
