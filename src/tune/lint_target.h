// The target of a boot line, as far as a Machine tells of it.
#pragma once

#include "torque/machine.h"
#include "tune/kernel_effect.h"

namespace torque::tune {

// Its CPUs, cores, managed interrupts and kernel release. The kernel's configuration is in no Machine.
KernelTarget lint_target(const Machine& machine);

}  // namespace torque::tune
