// Start-up checks that ask the live kernel by trying.
#pragma once

#include <cstdint>

#include "torque/layout.h"
#include "torque/result.h"

namespace torque::serve {

// Slots of a worker's fixed-file table: 65,536, or RLIMIT_NOFILE where the hard limit is lower. Raises the
// soft limit to the hard one.
std::uint32_t table_slots();

// Moves the calling thread to each worker's CPU and back again: a cpuset forbids it where it will.
// Errors: names the worker and the CPU.
Result<void> try_cpus(const Layout& layout);

}  // namespace torque::serve
