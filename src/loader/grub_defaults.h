// /etc/default/grub and the files of /etc/default/grub.d: where a parameter of the boot line is given.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "loader/line_words.h"

namespace torque::loader {

struct Given {
    int line = 0;  // from 1
    std::string word;
};

// The first word with such a name on a line that has to do with GRUB_CMDLINE_LINUX or
// GRUB_CMDLINE_LINUX_DEFAULT. The files are shell, and are not run: comments are passed over, and quotes
// taken off.
std::optional<Given> find_given(std::string_view text, const IsDropped& is_wanted);

// Is a variable set so, by a line of its own? The last one counts.
std::optional<std::string> shell_variable(std::string_view text, std::string_view name);

}  // namespace torque::loader
