// The exit statuses of torque-topo.
#pragma once

namespace torque {

enum ExitStatus {
    kExitOk = 0,
    kExitFailure = 1,     // a file, the kernel or the machine did not let us
    kExitUsage = 2,       // the command line is wrong
    kExitInfeasible = 3,  // this machine cannot host the plan that was asked for
};

}  // namespace torque
