// Which files of sysfs and procfs gather copies, and how.
#pragma once

#include "sys/dir.h"
#include "sys/memory_dir.h"

namespace torque {

// Copies what the table in gather_files.cc allows from below `root` into `top`, with the symbolic links on
// the way as links. What is not there is passed over.
void gather_files(const Dir& root, MemoryNode& top);

}  // namespace torque
