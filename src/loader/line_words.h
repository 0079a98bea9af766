// with_words(): a boot line of a boot loader's file with other parameters.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace torque::loader {

struct LineWord {
    std::string_view text;  // as it stands, with its quotes
    std::string name;       // up to "=", without double quotes, "-" as "_": as the kernel compares it
};

// The words before "--", which ends the kernel's part. Blanks part words, double quotes hold one together
// (Linux, lib/cmdline.c, next_arg()).
std::vector<LineWord> line_words(std::string_view line);

using IsDropped = std::function<bool(std::string_view name)>;

// The line without the words whose names are to be dropped, and with the words of `added` behind the others,
// before a "--". What stays, stays to the byte.
std::string with_words(std::string_view line, const IsDropped& is_dropped, std::string_view added);

}  // namespace torque::loader
