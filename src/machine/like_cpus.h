// Which CPUs are of one make, so that what is true of one need not be asked of the others.
#pragma once

#include <vector>

#include "probes/cpu_info.h"
#include "probes/sysfs_cpu.h"
#include "torque/cpu_set.h"

namespace torque {

// Disjoint sets that cover facts.cpus; CPUs of one set are alike in all that the kernel tells of their kind:
// unit of performance monitoring, capacity, greatest frequency, vendor, model and stepping.
std::vector<CpuSet> like_cpus(const SysfsCpuFacts& facts, const std::vector<CpuInfo>& info);

}  // namespace torque
