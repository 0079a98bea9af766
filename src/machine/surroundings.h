// Adds what the kernel tells beyond CPUs and caches: memory kinds, devices, the hypervisor, frequency limits.
#pragma once

#include "machine/from_sysfs.h"
#include "sys/dir.h"
#include "torque/machine.h"

namespace torque {

// What is known by now (from CPUID) stays. Findings: "frequency-limited" (cpufreq stays below what a kind of
// CPU can do), and that of find_cpuinfo_differences().
void add_surroundings(const Dir& root, const std::vector<CpuInfo>& info, Machine& machine);

}  // namespace torque
