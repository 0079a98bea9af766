// The CPUs and the CPU time that this process' control group allows it, under cgroup v1 and v2.
#pragma once

#include <optional>
#include <string>

#include "sys/dir.h"
#include "torque/cpu_set.h"

namespace torque {

struct CgroupFacts {
    std::optional<CpuSet> cpus;   // effective cpuset; absent when no cpuset controller is mounted
    std::string cpus_source;      // the file that told
    std::optional<double> quota;  // CPUs' worth of time: the tightest limit from here to the root
};

// Documents: Documentation/admin-guide/cgroup-v2.rst (cpuset.cpus.effective, cpu.max),
// cgroup-v1/cpusets.rst, scheduler/sched-bwc.rst (cpu.cfs_quota_us).
// Isolated CPUs are in the effective cpuset, unlike in the affinity mask of a process.
CgroupFacts read_cgroup(const Dir& root);

}  // namespace torque
