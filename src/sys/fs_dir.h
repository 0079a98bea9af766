// Directories of a file system: the live kernel's from "/", a snapshot's from the folder that holds it.
#pragma once

#include <memory>
#include <string>

#include "sys/dir.h"
#include "torque/result.h"

namespace torque {

enum class Links {
    follow,   // as the kernel does: the live machine
    contain,  // absolute links start at the snapshot's root, and ".." stops there (openat2(2),
              // RESOLVE_IN_ROOT)
};

// Errors: the folder is not there or not readable. Null with Links::contain where the kernel lacks openat2
// or a sandbox forbids it.
Result<std::unique_ptr<Dir>> open_fs_dir(const std::string& path, Links links);

}  // namespace torque
