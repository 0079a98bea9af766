// Caches as /sys/devices/system/cpu/cpu*/cache tells them.
#pragma once

#include <vector>

#include "probes/sysfs_cpu.h"
#include "sys/dir.h"
#include "torque/cpu_set.h"
#include "torque/machine.h"

namespace torque {

// Without geometry: not the line, ways, sets and partitions, which Linux on x86 has from CPUID
// (arch/x86/kernel/cpu/cacheinfo.c), as we have, if it is asked on the same machine.
enum class CacheFacts { all, without_geometry };

// Every cache of the CPUs in `online`, one entry an instance, read once through its lowest CPU. Where the
// sharers contradict one another, what the lowest says holds, and the others have no such cache. The sets in
// `like` are disjoint; of their CPUs, caches of one index and one size are alike in the rest too, which is
// then read once. `cores` are the thread siblings, by their lowest CPU: of like cores that each have an L2 of
// one size to themselves the L1 are read once. Document: Documentation/ABI/testing/sysfs-devices-system-cpu,
// "cache/index*".
std::vector<Cache> read_sysfs_caches(const Dir& root, const CpuSet& online, const std::vector<CpuSet>& like,
                                     const std::vector<SysfsGroup>& cores, CacheFacts facts);

}  // namespace torque
