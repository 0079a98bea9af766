// A boot line cut into words as the kernel cuts it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace torque::tune {

struct BootWord {
    std::string name;                  // without quotes; in full when there is no "="
    std::optional<std::string> value;  // what follows the first "=", without quotes
    std::size_t offset = 0;            // of the word in the line, in characters
    std::size_t length = 0;            // with its quotes
    bool for_init = false;             // after "--": the kernel does not look at it
};

// The kernel's next_arg() and parse_args() (lib/cmdline.c, kernel/params.c): white space parts words, double
// quotes hold it together and cannot be escaped, a NUL ends the line, and a word "--" ends the kernel's part.
// That word itself is not among the result.
std::vector<BootWord> boot_words(std::string_view line);

// The name as the kernel compares it: "-" and "_" are the same (kernel/params.c, dash2underscore()).
std::string canonical_name(std::string_view name);

// The word as the kernel gives it to a parameter's handler, and to init if no handler takes it.
std::string plain_text(const BootWord& word);

}  // namespace torque::tune
