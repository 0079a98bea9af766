// AMD family 15h (Bulldozer): two cores a compute unit, which the kernel calls the threads of one core.
#pragma once

#include "torque/machine.h"

namespace torque {

// Splits such "cores" by their L1 data caches and says so in a finding. The two cores of a unit have integer
// units, schedulers and an L1 data cache each, and share the front end, the floating-point unit and the L2
// (Software Optimization Guide for AMD Family 15h, section 2): they are no SMT siblings, but no strangers.
void split_compute_units(Machine& machine);

}  // namespace torque
