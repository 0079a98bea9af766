// The main thread of torque-serve: it starts the workers, sleeps, and acts on signals, on a new layout, on
// CPUs that go offline and on workers that end.
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
