// CPUs, cores, dies and packages as /sys/devices/system/cpu tells them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sys/dir.h"
#include "torque/cpu_set.h"

namespace torque {

// One set of CPUs with the kernel's number for it; -1 and 65535, which mean "unknown", are absent.
struct SysfsGroup {
    std::optional<int> id;
    CpuSet cpus;
};

struct SysfsCpu {
    int id = 0;
    std::optional<int> capacity;           // cpu_capacity
    std::optional<std::uint64_t> max_khz;  // cpufreq/cpuinfo_max_freq
};

// CPUs that one performance-monitoring unit serves: the kernel's names for the core types of a hybrid.
struct SysfsCoreType {
    std::string pmu;  // "cpu_core", "cpu_atom", "cpu_lowpower"
    CpuSet cpus;
};

struct SysfsCpuFacts {
    std::optional<CpuSet> possible, present, online;
    CpuSet isolated, nohz_full;
    bool shows_isolated = false, shows_nohz_full = false;  // the files are there and say it, also of none
    std::vector<SysfsCpu> cpus;                            // every cpuN directory, ascending
    CpuSet with_topology;                                  // the kernel hides the topology of offline CPUs
    std::vector<SysfsGroup> cores, clusters, dies, packages;
    std::vector<SysfsCoreType> core_types;   // where the kernel names them
    std::optional<std::string> smt_control;  // smt/control, read where a CPU is offline
};

// Document: Documentation/admin-guide/cputopology.rst, Documentation/ABI/stable/sysfs-devices-system-cpu.
SysfsCpuFacts read_sysfs_cpu(const Dir& root);

}  // namespace torque
