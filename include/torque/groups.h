// Scheduling groups: the isomorphic parts of a machine at each level, from cores to the whole.
#pragma once

#include <string>
#include <vector>

#include "torque/cpu_set.h"

namespace torque {

// Isomorphic things at one level of the scheduling universe: `count` instances of `shape`.
struct SchedulingGroup {
    std::string shape;  // "core{class0,2t}", "LLC{6*core{class0,2t} + 8*core{class1,1t}}"
    int count = 0;
    std::vector<CpuSet> cpus;  // one set an instance
    bool operator==(const SchedulingGroup&) const = default;
};

struct SchedulingLevel {
    std::string name;  // "core", "llc", "node", "package", "machine"
    std::vector<SchedulingGroup> groups;
    bool operator==(const SchedulingLevel&) const = default;
};

}  // namespace torque
