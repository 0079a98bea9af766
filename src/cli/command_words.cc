#include "cli/command_words.h"

#include "base/parse.h"
#include "cli/define_options.h"

namespace torque {
namespace {

void add(const OptionText& option, CommandWords& command) {
    OptionWords words{{}, std::string(option.about), std::string(option.value)};
    for (std::string_view names = option.names; !names.empty();)
        words.names.emplace_back(take_until(names, ','));
    (option.names.starts_with('-') ? command.options : command.arguments).push_back(std::move(words));
}

}  // namespace

std::vector<CommandWords> command_words() {
    Parsed parsed;
    std::vector<CommandWords> commands;
    for (const CommandRow& row : command_rows()) {
        CommandWords words{row.name, row.about, {{{"--help", "-h"}, "Print this help", {}}}, {}};
        for (const OptionRow& option : row.options(parsed)) {
            if (!option.is_hidden) add({option.names, option.value, option.about}, words);
        }
        commands.push_back(std::move(words));
    }
    return commands;
}

CommandWords program_words(std::string name, std::span<const OptionText> options) {
    CommandWords words{std::move(name), {}, {}, {}};
    for (const OptionText& option : options) add(option, words);
    return words;
}

std::vector<std::string> names_of(const std::vector<CommandWords>& commands) {
    std::vector<std::string> names;
    for (const CommandWords& command : commands) names.push_back(command.name);
    return names;
}

}  // namespace torque
