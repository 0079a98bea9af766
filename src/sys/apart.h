// run_apart(): work in a process of its own, so that a library that crashes does not end ours.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "torque/result.h"

namespace torque {

struct ApartLimits {
    std::size_t result_bytes_max = std::size_t{64} << 20;
    std::size_t memory_bytes_max = std::size_t{4} << 30;  // address space; not where a sanitizer needs more
    unsigned processor_seconds_max = 60;
};

// What `work` returns in a child of this process, whose standard output and error lead nowhere. Call it where
// there is one thread: the child has only the calling one.
// Errors: that of `work`; the child cannot be made, dies, or exceeds a limit. `name` goes into the latter.
Result<std::string> run_apart(const std::function<Result<std::string>()>& work, const std::string& name,
                              const ApartLimits& limits = {});

}  // namespace torque
