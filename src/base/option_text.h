// An option of a command line, as its help and the completion of shells tell of it.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace torque {

struct OptionText {
    std::string_view names;  // "-c,--connections"; of an argument by position its placeholder: "ADDRESS"
    std::string_view value;  // placeholder of what it takes: "FILE", "TIME"; empty for a flag
    std::string_view about;
};

bool has_name(const OptionText& option, std::string_view name);

// Whether it is given by its position.
bool is_argument(const OptionText& option);

// The last of its names, which is the long one.
std::string_view long_name(const OptionText& option);

// The hint of an error in a command line.
std::string help_hint(std::string_view program);

// A line of a help text for each: "  -c, --connections N   how many".
std::string option_lines(std::span<const OptionText> options);

}  // namespace torque
