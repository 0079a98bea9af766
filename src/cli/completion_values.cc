#include "cli/completion_values.h"

#include <algorithm>

#include "base/format.h"
#include "base/parse.h"

namespace torque {

Values values_of(const OptionWords& option, const ProgramWords& known) {
    Values values;
    const std::string& name = option.value.empty() ? option.names.front() : option.value;
    for (std::string_view rest = name; !rest.empty();) {
        const std::string_view one = take_until(rest, '|');
        if (one == "FILE" || one == "PATH" || one == "A" || one == "B") {
            values.files = true;
        } else if (one == "DEVICE") {
            values.devices = true;
        } else if (one == "FORMAT") {
            values.words.insert(values.words.end(), known.formats.begin(), known.formats.end());
        } else if (one == "NAME") {
            values.words.insert(values.words.end(), known.profiles.begin(), known.profiles.end());
        } else if (std::all_of(one.begin(), one.end(),
                               [](char c) { return (c >= 'a' && c <= 'z') || c == '-'; })) {
            values.words.emplace_back(one);
        }
    }
    return values;
}

std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) c == '\'' ? out += "'\\''" : out += c;
    return out + "'";
}

}  // namespace torque
