#include "base/option_text.h"

#include <algorithm>

#include "base/parse.h"

namespace torque {

bool has_name(const OptionText& option, std::string_view name) {
    for (std::string_view names = option.names; !names.empty();) {
        if (take_until(names, ',') == name) return true;
    }
    return false;
}

bool is_argument(const OptionText& option) {
    return !option.names.starts_with('-');
}

std::string_view long_name(const OptionText& option) {
    const std::size_t comma = option.names.rfind(',');
    return comma == option.names.npos ? option.names : option.names.substr(comma + 1);
}

std::string help_hint(std::string_view program) {
    return std::string(program) + " --help lists the options";
}

std::string option_lines(std::span<const OptionText> options) {
    constexpr std::size_t kAboutColumn = 24;
    std::string out;
    for (const OptionText& option : options) {
        std::string line = "  ";
        for (std::string_view names = option.names; !names.empty();) {
            line += take_until(names, ',');
            if (!names.empty()) line += ", ";
        }
        if (!option.value.empty()) line.append(" ").append(option.value);
        line.resize(std::max(line.size() + 1, kAboutColumn), ' ');
        out += line.append(option.about) + "\n";
    }
    return out;
}

}  // namespace torque
