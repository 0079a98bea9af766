// Where a worker's memory should be, and how many buffers its cache holds.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "torque/layout.h"
#include "torque/machine.h"

namespace torque::planning {

// R12: the worker's own node where that has memory, else the nearest node that has both memory and CPUs (by
// SLIT distance, then by number). Nodes without CPUs (CXL, HBM, GPU) are never chosen: their memory is
// slower or spoken for. Empty where the machine has no nodes. Unknown memory counts as memory.
std::vector<NodeId> memory_nodes(const Machine& machine, std::optional<NodeId> own);

// A worker's share of its level 2 cache: the cache divided among the cores below it, and among the workers of
// the core. Absent where the machine does not say.
class L2Shares {
  public:
    // cores: online cores with their CPUs.
    L2Shares(const Machine& machine, const std::vector<CpuSet>& cores);
    std::optional<std::uint64_t> share_bytes(int cpu, int core_workers) const;

  private:
    struct Share {
        std::uint64_t size_bytes = 0;
        int cores = 0;
    };
    std::vector<Share> shares_;
    std::vector<int> of_cpu_;
};

// Buffers of 2 KiB, as many as fit into half of the share as a power of two, so that the other half is left
// for everything else the worker touches; 256 to 4,096. An unknown share gives 256: too few costs a refill,
// too many would push the worker out of its cache.
Buffers receive_buffers(std::optional<std::uint64_t> share_bytes);

}  // namespace torque::planning
