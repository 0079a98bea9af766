// Sorts the CPUs of a machine into core types, fastest first.
#pragma once

#include <vector>

#include "probes/cpu_info.h"
#include "probes/sysfs_cpu.h"
#include "torque/machine.h"

namespace torque {

// Fills machine.types, and the type of each CPU and core: by the kernel's lists where it names the types of a
// hybrid, else by cpu_capacity, else by the highest frequency. With the latter two, a new type starts only
// below 85 % of its leader: favoured cores of one kind differ by less (67 against 64 in CPPC's scale, 5.8
// against 5.5 GHz).
void add_core_types(const std::vector<SysfsCoreType>& named, const std::vector<CpuInfo>& info,
                    Machine& machine);

// Gives the CPUs and cores the types that list them, and each type its threads per core.
void assign_types(Machine& machine);

}  // namespace torque
