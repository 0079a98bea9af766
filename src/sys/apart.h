// torque-apart: a program of its own for shared libraries that may be missing, or crash on what they read.
#pragma once

#include <sys/resource.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "torque/result.h"

namespace torque {

constexpr std::size_t kApartAnswerBytesMax = std::size_t{64} << 20;

// The files that may be torque-apart, of which the first that is there is taken: beside this program, where
// an installed program has it, where this build is installed by default, where a package has it.
std::vector<std::string> apart_programs();

// What the program answers that is run with `words` and has `input` as its standard input. A file of somebody
// else than root, this user and the owner of this program counts as not there.
// Errors: those that it answers; it is not there, dies, or answers more than kApartAnswerBytesMax. `name`
// goes into the latter two.
Result<std::string> run_apart(const std::vector<std::string>& words, std::string_view input,
                              const std::string& name,
                              const std::vector<std::string>& programs = apart_programs());

// The rest is for torque-apart itself.

// No file of memory after a crash, a minute of processor time, and so much address space, where a sanitizer
// does not need more.
void limit_apart(rlim_t memory_bytes_max);

// Standard output and error lead nowhere from here on: libraries write there. Returns what standard output
// was.
int hush_apart();

// Writes the result as run_apart() wants it; false when it cannot be written.
bool answer_apart(int fd, const Result<std::string>& result);

}  // namespace torque
