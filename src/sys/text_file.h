// read_text_file(): a whole file that a command line names.
#pragma once

#include <cstddef>
#include <string>

#include "torque/result.h"

namespace torque {

// `path` "-" is standard input.
// Errors name the path: it cannot be read, or is longer than `bytes_max`.
Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max);

}  // namespace torque
