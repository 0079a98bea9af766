// find_measured_differences(): what a machine claims held against what was measured of it.
#pragma once

#include "torque/machine.h"
#include "torque/measured.h"

namespace torque {

// Raises "measured-unreliable" for a result that says so of itself, which is not looked at further;
// "measured-smt-hidden" for CPUs that are seen to share a core and are said not to, "measured-smt-apart" for
// the other way round; "measured-groups-differ" where a level of latencies has the groups of nothing that the
// machine claims. Silent on what was not measured, and where a measurement shows nothing.
void find_measured_differences(const Measured& measured, Machine& machine);

}  // namespace torque
