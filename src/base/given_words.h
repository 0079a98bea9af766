// read_words(): the words of a command line, held against the table of what a program takes.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/option_text.h"
#include "torque/result.h"

namespace torque {

struct GivenWord {
    std::size_t row;         // of the table
    std::string_view name;   // as given: "-c"; of an argument by position empty
    std::string_view value;  // empty for a flag
};

// In the order given. `arguments` starts with the program's name, as main()'s does, and has to outlive what
// is returned; `program` is the name that hints tell of. Arguments by position are taken where the table has
// a row for them. Errors are of kind usage: an unknown option (with the one that was meant), a missing value,
// one for a flag.
Result<std::vector<GivenWord>> read_words(std::string_view program, std::span<const OptionText> table,
                                          std::span<const char* const> arguments);

}  // namespace torque
