// The CPUID instruction of the machine this program runs on, CPU by CPU.
#pragma once

#include <memory>

#include "sys/cpuid_source.h"
#include "torque/cpu_set.h"

namespace torque {

// Null where there is no CPUID instruction (not x86). `online` are the CPUs to offer; when empty, those that
// the calling thread may run on. Isolated CPUs are in the former and not in the latter, and can be asked.
//
// select() binds the calling thread to the CPU (sched_setaffinity(2)) and returns false where the kernel
// refuses it (offline, outside the cpuset); the thread then stays where it was. Until the first select(),
// get() asks whatever CPU the thread runs on. The destructor gives the thread its affinity back. Create, use
// and destroy it in one thread.
std::unique_ptr<CpuidSource> cpuid_live(const CpuSet& online = {});

}  // namespace torque
