// Files of a snapshot that are there and do not hold what the kernel writes into them.
#pragma once

#include <string_view>

#include "machine/from_sysfs.h"
#include "sys/dir.h"
#include "torque/machine.h"

namespace torque {

// Adds the finding "file-damaged" where a list or mask of CPUs cannot be read that would have told what
// `machine` does not know: such a file counts as absent, and nobody would learn why; and where /proc/cpuinfo
// has cpu_info_fault(). For snapshots: a running kernel does not damage its files.
void add_damaged_files(const Dir& root, const SysfsFacts& facts, Machine& machine);

// Why a /proc/cpuinfo that is there names no CPU: "empty" or "unreadable"; "" where it is not there,
// or holds something.
std::string_view cpu_info_fault(const Dir& root);

}  // namespace torque
