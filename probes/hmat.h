// What firmware says of each node's memory (ACPI HMAT): bandwidth, latency, memory-side caches.
#pragma once

#include <vector>

#include "sys/dir.h"
#include "torque/machine.h"

namespace torque {

// By node, then access class. Class 0 is the best of any initiator (a GPU or NIC node may be one), class 1
// the best of those with CPUs; a class without a single figure is left out. Also fills memory_side_caches of
// the nodes. Document: Documentation/admin-guide/mm/numaperf.rst (bandwidths are in MiB/s there, latencies in
// ns).
std::vector<MemoryAttributes> read_hmat(const Dir& root, std::vector<Node>& nodes);

}  // namespace torque
