// plan(): decides which CPUs a server's workers own. Pure: equal arguments give equal layouts.
#pragma once

#include "torque/layout.h"
#include "torque/machine.h"
#include "torque/profile.h"
#include "torque/result.h"

namespace torque {

// Applies rules R1 to R19 (torque-topo-plan(1) states them).
// Errors: ErrorKind::infeasible when the machine has too few slots, with the capacities in `what` and the
// options that would fit in `hint`; ErrorKind::usage for a request that names what is not there (a device,
// a CPU).
Result<Layout> plan(const Machine& machine, const Profile& profile, const Request& request);

// The scheduling universe: isomorphic groups at each level, from cores to the machine.
std::vector<SchedulingLevel> scheduling_groups(const Machine& machine);

}  // namespace torque
