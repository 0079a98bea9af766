#include "tune/knob_undo.h"

#include "base/parse.h"
#include "tune/check_knobs.h"

namespace torque::tune {
namespace {

// "+cpuset -io", of what was not so.
std::string switched_back(std::string_view before, std::string_view after) {
    std::string out;
    for (after = trim_space(after); !after.empty();) {
        const std::string_view word = take_until(after, ' ');
        if (word.size() < 2 || (word.front() == '+') == has_word(trim_space(before), word.substr(1)))
            continue;
        out += out.empty() ? "" : " ";
        out += word.front() == '+' ? '-' : '+';
        out += word.substr(1);
    }
    return out.empty() ? out : out + '\n';
}

}  // namespace

std::string knob_undo(const std::string& path, const std::string& before, const std::string& after) {
    if (path.ends_with("/cgroup.subtree_control")) return switched_back(before, after);
    const std::string_view text = trim_space(before);
    if (text.empty()) return "\n";  // a write of nothing is none
    // "isolated invalid (why)"
    if (path.ends_with("/cpuset.cpus.partition")) return std::string(text.substr(0, text.find(' '))) + '\n';
    const std::string_view choice = knob_choice(text);
    return choice == text ? before : std::string(choice) + '\n';
}

bool knob_is_back(const std::string& path, const std::string& before, const std::string& after,
                  const std::string& now) {
    return now == before || knob_holds(path, knob_undo(path, before, after), now);
}

}  // namespace torque::tune
