// What a shell may propose for a placeholder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/completion.h"

namespace torque {

struct Values {
    std::vector<std::string> words;
    bool files = false;
    bool devices = false;
};

// "a|b" are these words, FILE and PATH are files, DEVICE the machine's devices, FORMAT and NAME the words
// that `known` has. NAME|FILE is both. Of an argument by position the name is its placeholder.
Values values_of(const OptionWords& option, const ProgramWords& known);

// Network interfaces and block devices, which --near takes. PCI addresses would fill the screen.
inline constexpr std::string_view kListDevices =
    "command ls -A /sys/class/net /sys/block 2>/dev/null | command grep -v -e / -e '^$'";

// For a single-quoted word of any of the shells; fish reads \\ and \' within quotes, which no text here
// holds.
std::string quoted(std::string_view text);

}  // namespace torque
