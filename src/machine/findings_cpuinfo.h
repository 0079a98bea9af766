// find_cpuinfo_differences(): the counts of /proc/cpuinfo held against the tree of sysfs or CPUID.
#pragma once

#include <vector>

#include "probes/cpu_info.h"
#include "torque/machine.h"

namespace torque {

// Raises "cpuinfo-sysfs-topology" where "siblings" is not the number of CPUs of a package, or "cpu cores" not
// that of its cores. Silent where a CPU is offline: which of them count depends on the kernel. `info` is
// empty on a live machine with CPUID, where /proc/cpuinfo is not read.
void find_cpuinfo_differences(const std::vector<CpuInfo>& info, Machine& machine);

}  // namespace torque
