// Isolated and housekeeping: how a plan divides the machine between its workers and everything else.
#pragma once

#include "plan/place.h"

namespace torque::planning {

struct Division {
    CpuSet isolated;
    CpuSet housekeeping;
    CpuSet absent;  // offline threads among the isolated (R13)
    CpuSet idle;    // online threads of the workers' cores that no worker uses
};

// R2, R6, R11, R13.
Division divide(const Survey& survey, const Request& request, const Placement& placement);

}  // namespace torque::planning
