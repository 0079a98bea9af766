// build_machine(): asks every probe that the host can answer and joins what they say into one Machine.
#pragma once

#include "sys/host.h"
#include "torque/machine.h"
#include "torque/result.h"

namespace torque {

// Errors: the host has neither CPUs in sysfs or procfs nor CPUID.
Result<Machine> build_machine(const Host& host);

}  // namespace torque
