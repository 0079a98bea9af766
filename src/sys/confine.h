// Confines the calling thread to CPUs and memory.
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

// sched_setaffinity(2) and set_mempolicy(2), MPOL_BIND; later threads inherit both, and they last over
// execve(2). Gives a warning where the kernel has no memory policies or a sandbox forbids them. Errors: the
// kernel refuses the CPUs or nodes.
Result<std::optional<std::string>> confine(const Confinement& wanted);

// The CPUs that the calling thread is confined to, sched_getaffinity(2); empty where the kernel does not
// tell.
CpuSet confined_to();

}  // namespace torque
