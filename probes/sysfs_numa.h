// NUMA nodes, their memory and distances as /sys/devices/system/node tells them.
#pragma once

#include <optional>
#include <vector>

#include "sys/dir.h"
#include "torque/machine.h"

namespace torque {

struct SysfsNumaFacts {
    std::vector<Node> nodes;  // ascending; empty on a kernel without CONFIG_NUMA
    std::optional<Distances> distances;
};

// Document: Documentation/ABI/stable/sysfs-devices-node.
SysfsNumaFacts read_sysfs_numa(const Dir& root);

}  // namespace torque
