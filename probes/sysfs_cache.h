// Caches as /sys/devices/system/cpu/cpu*/cache tells them.
#pragma once

#include <vector>

#include "sys/dir.h"
#include "torque/cpu_set.h"
#include "torque/machine.h"

namespace torque {

// Every cache of the CPUs in `online`, one entry an instance, read once through its lowest CPU. Where the
// sharers contradict one another, what the lowest says holds, and the others have no such cache.
// Document: Documentation/ABI/testing/sysfs-devices-system-cpu, "cache/index*".
std::vector<Cache> read_sysfs_caches(const Dir& root, const CpuSet& online);

}  // namespace torque
