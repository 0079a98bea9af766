// The machine's architecture in the words of uname(1).
#pragma once

#include <optional>
#include <string>

#include "sys/dir.h"

namespace torque {

// "x86_64", "aarch64"; absent when neither /proc/sys/kernel/arch (Linux 6.1) nor the file of
// hwloc-gather-topology (proc/hwloc-nofile-info) tells.
std::optional<std::string> read_arch(const Dir& root);

}  // namespace torque
