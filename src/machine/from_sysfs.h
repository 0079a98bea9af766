// The machine as the kernel tells it in sysfs and procfs.
#pragma once

#include <vector>

#include "probes/cgroup.h"
#include "probes/cpu_info.h"
#include "probes/kernel.h"
#include "probes/sysfs_cpu.h"
#include "probes/sysfs_numa.h"
#include "torque/machine.h"

namespace torque {

struct SysfsFacts {
    SysfsCpuFacts cpu;
    std::vector<Cache> caches;
    SysfsNumaFacts numa;
    std::vector<CpuInfo> info;  // may be empty: reading /proc/cpuinfo is slow, and CPUID knows better
    CgroupFacts cgroup;
    KernelFacts kernel;
};

// The CPUs that are online by these facts: the kernel's list, else those with a topology, else all.
CpuSet online_cpus(const SysfsCpuFacts& cpu, const std::vector<CpuInfo>& info);

Machine machine_from_sysfs(const SysfsFacts& facts);

}  // namespace torque
