// What kind of memory each NUMA node has: DRAM, HBM, CXL or a GPU's.
#pragma once

#include <vector>

#include "sys/dir.h"
#include "torque/machine.h"

namespace torque {

// Fills memory_kind of the nodes, as far as anything tells it; no file says it outright.
//   gpu   the NVIDIA driver names the node as a GPU's (numa_status)
//   cxl   the node's memory is a DAX device of a CXL region (bus/dax/devices/*/target_node)
//   hbm   no CPUs, and either in a memory tier faster than the kernel's tier for DRAM, or with more than
//   twice
//         the bandwidth (`attributes`) of the node whose CPUs use it
//   dram  CPUs, and in the kernel's tier for DRAM; the kernel puts HBM there too on machines with nothing
//   else
// Persistent memory and everything else stays absent. Memoryless nodes have no kind.
// Documents: Documentation/ABI/testing/sysfs-kernel-mm-memory-tiers, sysfs-bus-dax;
// include/linux/memory-tiers.h.
void read_memory_kinds(const Dir& root, const std::vector<MemoryAttributes>& attributes,
                       std::vector<Node>& nodes);

}  // namespace torque
