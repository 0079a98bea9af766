// Writes a command's result to standard output or, whole or not at all, to a file.
#pragma once

#include <string>
#include <string_view>

#include "torque/result.h"

namespace torque {

// `path` "-" is standard output. A file is written beside its final place and renamed.
// Errors name the path: no space, a closed pipe that SIGPIPE did not end, no permission.
Result<void> write_output(const std::string& path, std::string_view text);

// At the start: where standard input, output or error is closed, /dev/null takes its number, so that no file
// that is opened later does. Reading that input and writing that output still fail.
void keep_standard_descriptors();

// To standard error, where there may be nobody to hear it.
void say(std::string_view text);

// On standard error: the error, and its hint if it has one.
void print_error(const Error& error);

// To a descriptor; false with errno where the kernel refuses.
bool write_all(int fd, std::string_view text);

}  // namespace torque
