// The errors of a plan that does not fit (rules R11 and R15).
#pragma once

#include "plan/survey.h"

namespace torque::planning {

// "6 workers, 5 slots (node 0: 5)", with a hint that names the options that were tried and would fit.
// survey: of the request, which has too few slots.
Error too_many_workers(const Machine& machine, const Request& request, const Survey& survey);

// The cgroup's CPU time does not suffice for the workers.
Error quota_too_small(int workers, double quota);

}  // namespace torque::planning
