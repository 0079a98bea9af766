#include "cli/command_words.h"

#include "base/parse.h"
#include "cli/define_options.h"

namespace torque {
namespace {

OptionWords words_of(const OptionRow& row) {
    OptionWords words{{}, row.about, row.value};
    for (std::string_view names = row.names; !names.empty();)
        words.names.emplace_back(take_until(names, ','));
    return words;
}

}  // namespace

std::vector<CommandWords> command_words() {
    Parsed parsed;
    std::vector<CommandWords> commands;
    for (const CommandRow& row : command_rows()) {
        CommandWords words{row.name, row.about, {{{"--help", "-h"}, "Print this help", {}}}, {}};
        for (const OptionRow& option : row.options(parsed)) {
            if (option.is_hidden) continue;
            (option.names[0] == '-' ? words.options : words.arguments).push_back(words_of(option));
        }
        commands.push_back(std::move(words));
    }
    return commands;
}

}  // namespace torque
