// How much memory a measurement may take without harm to anybody.
#pragma once

#include <cstdint>
#include <optional>

#include "sys/dir.h"
#include "torque/ids.h"

namespace torque::measure {

// In bytes: what is available on the machine (MemAvailable of /proc/meminfo), what is free on the node
// (MemFree of its meminfo in sysfs), and what the process' cgroups leave (memory.max less memory.current of
// each, or the same of version 1): the least of those that are known. Absent when none is. `root` holds
// proc/ and sys/.
std::optional<std::uint64_t> free_bytes(const Dir& root, std::optional<NodeId> node);

}  // namespace torque::measure
