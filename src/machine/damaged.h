// Files of a snapshot that are there and do not hold what the kernel writes into them.
#pragma once

#include "probes/sysfs_cpu.h"
#include "sys/dir.h"
#include "torque/machine.h"

namespace torque {

// Adds the finding "file-damaged" where a list or mask of CPUs cannot be read that would have told what
// `machine` does not know: such a file counts as absent, and nobody would learn why. For snapshots: a running
// kernel does not damage its files.
void add_damaged_files(const Dir& root, const SysfsCpuFacts& facts, Machine& machine);

}  // namespace torque
