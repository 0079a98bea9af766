// The main thread of torque-serve: starts the workers, then sleeps until there is something to act on.
//
// That is a signal, a new layout, a CPU that goes offline, or a worker that ends.
#pragma once

#include <string>

#include "serve/options.h"
#include "sys/dir.h"
#include "torque/server.h"

namespace torque::serve {

// "worker 0: CPU 4, node 0, ..."
std::string describe(const ServingWorker& worker);

// Serves until SIGTERM or SIGINT; returns the exit status. `manager` is the socket of the service manager, or
// null.
int supervise(const Options& options, const Dir& root, const char* manager);

}  // namespace torque::serve
