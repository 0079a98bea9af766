// What /proc tells of the kernel that runs: release, command line, memory, limits.
#pragma once

#include <optional>
#include <string>

#include "sys/dir.h"
#include "torque/machine.h"

namespace torque {

struct KernelFacts {
    std::optional<std::string> release;  // /proc/version's third word
    std::optional<std::string> cmdline;
    std::optional<std::uint64_t> memory_bytes;  // MemTotal
    Limits limits;                              // of this process
};

// Documents: proc(5), Documentation/filesystems/proc.rst, admin-guide/sysctl/kernel.rst (io_uring_disabled).
KernelFacts read_kernel(const Dir& root);

}  // namespace torque
