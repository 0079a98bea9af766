#include "loader/grub_defaults.h"

#include <algorithm>

#include "base/parse.h"

namespace torque::loader {
namespace {

// The lines of a command as one, which a backslash at their ends makes them.
std::string take_command(std::string_view& text, int& lines) {
    std::string command;
    for (;;) {
        const std::string_view line = take_line(text);
        ++lines;
        command += line;
        if (text.empty() || !line.ends_with('\\')) return command;
        command.pop_back();
    }
}

}  // namespace

std::optional<Given> find_given(std::string_view text, const IsDropped& is_wanted) {
    int number = 0;
    while (!text.empty()) {
        const int first = number + 1;
        std::string command = take_command(text, number);
        if (trim_space(command).starts_with('#') || command.find("GRUB_CMDLINE_LINUX") == command.npos)
            continue;
        // What stands between the words of a shell's command is no part of a parameter.
        for (char& c : command) {
            if (c == '"' || c == '\'' || c == ';' || c == '(' || c == ')') c = ' ';
        }
        // GRUB_CMDLINE_LINUX= and its like end where the value begins.
        for (std::size_t at = 0; (at = command.find("GRUB_CMDLINE_LINUX", at)) != command.npos;) {
            while (at < command.size() && command[at] != '=' && command[at] != ' ') command[at++] = ' ';
            if (at < command.size()) command[at] = ' ';
        }
        for (const LineWord& word : line_words(command)) {
            if (is_wanted(word.name)) return Given{first, std::string(word.text)};
        }
    }
    return std::nullopt;
}

std::optional<std::string> shell_variable(std::string_view text, std::string_view name) {
    std::optional<std::string> found;
    while (!text.empty()) {
        std::string_view line = trim_space(take_line(text));
        if (line.starts_with("export ")) line = trim_space(line.substr(7));
        if (line.size() <= name.size() || !line.starts_with(name) || line[name.size()] != '=') continue;
        std::string value(line.substr(name.size() + 1));
        std::erase_if(value, [](char c) { return c == '"' || c == '\''; });
        found = value;
    }
    return found;
}

}  // namespace torque::loader
