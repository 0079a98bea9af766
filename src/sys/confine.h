// Confines this process to CPUs and memory, for a program that it becomes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "torque/cpu_set.h"
#include "torque/ids.h"
#include "torque/result.h"

namespace torque {

struct Confinement {
    CpuSet cpus;
    std::vector<NodeId> memory_nodes;  // ascending; empty: memory is not bound
};

// sched_setaffinity(2) and set_mempolicy(2), MPOL_BIND; both last over execve(2). Gives a warning where the
// kernel has no memory policies or a sandbox forbids them. Errors: the kernel refuses the CPUs or nodes.
Result<std::optional<std::string>> confine(const Confinement& wanted);

}  // namespace torque
