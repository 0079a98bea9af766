// The exit statuses of torque-topo.
#pragma once

namespace torque {

enum ExitStatus {
    kExitOk = 0,
    kExitFailure = 1,     // a file, the kernel or the machine did not let us
    kExitUsage = 2,       // the command line is wrong
    kExitInfeasible = 3,  // this machine cannot host the plan that was asked for
    kExitFound = 4,       // the command did its work and found what it looks for: differences, faults

    // Of commands that run until a signal ends them.
    kExitInterrupted = 130,  // SIGINT

    // Of run, as shells have them; every other status there is the command's own.
    kExitNotExecutable = 126,
    kExitNotFound = 127,
};

}  // namespace torque
