// Small words for the sentences of a plan.
#pragma once

#include <string>
#include <string_view>

#include "torque/cpu_set.h"

namespace torque::planning {

// "1 core", "3 cores".
inline std::string counted(int count, std::string_view thing) {
    return std::to_string(count) + ' ' + std::string(thing) + (count == 1 ? "" : "s");
}

// "CPU 3", "CPUs 0-3".
inline std::string cpus_text(const CpuSet& cpus) {
    return (cpus.count() == 1 ? "CPU " : "CPUs ") + cpus.list();
}

// The verb for so many CPUs: "was" of one, "were" of several.
inline const char* was(const CpuSet& cpus) {
    return cpus.count() == 1 ? "was" : "were";
}

}  // namespace torque::planning
