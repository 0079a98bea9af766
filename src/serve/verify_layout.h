// Is a layout for this machine? Compares what it says with the kernel's own small files.
#pragma once

#include <string>
#include <vector>

#include "sys/dir.h"
#include "torque/layout.h"
#include "torque/result.h"

namespace torque::serve {

// What differs, one sentence each; empty: the layout is for this machine. Compares the possible CPUs, the
// model name, and for each worker the other threads of its core and its NUMA node. What the kernel does not
// say is not compared. `root` holds proc/ and sys/.
std::vector<std::string> differences(const Layout& layout, const Dir& root);

// Errors: no workers, two on one CPU that do not both say so (Worker::is_shared), buffers that a ring cannot
// have or that are too much memory, a CPU that is not there or offline. These hold with --force too.
Result<void> check_workers(const Layout& layout, const Dir& root);

}  // namespace torque::serve
