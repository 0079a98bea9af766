
#include "base/format.h"
#include "cli/completion_values.h"

namespace torque {
namespace {

// For a specification of _arguments, which holds no bare bracket or colon.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string action(const Values& values) {
    if (values.devices) return "_torque_devices";
    if (values.words.empty()) return values.files ? "_files" : " ";
    return values.files ? " _torque_words_or_files " + joined(values.words)
                        : "(" + joined(values.words) + ")";
}

std::string specifications(const OptionWords& option, const ProgramWords& known) {
    std::string text;
    for (const std::string& name : option.names) {
        const char* const glue = option.value.empty() ? "" : name.starts_with("--") ? "=" : "+";
        std::string one = formatted("*{}{}[{}]", name, glue, escaped(option.about));
        if (!option.value.empty())
            one += formatted(":{}:{}", escaped(option.value), action(values_of(option, known)));
        text += " \\\n                " + quoted(one);
    }
    return text;
}

std::string command_case(const CommandWords& command, const ProgramWords& known) {
    std::string text = formatted("        {})\n            _arguments -S", command.name);
    for (const OptionWords& option : command.options) text += specifications(option, known);
    for (const OptionWords& argument : command.arguments) {
        text += " \\\n                " + quoted(formatted("::{}:{}", escaped(argument.names.front()),
                                                           action(values_of(argument, known))));
    }
    if (command.name == "run") text += " \\\n                '*::command:_normal'";
    return text + "\n            ;;\n";
}

// As a file of fpath it is the body of _torque-topo, and completes; sourced it has to say that it can.
constexpr const char* kScript = R"zsh(#compdef torque-topo {plain}
# zsh completion of torque-topo, {plain}; made by: torque-topo completion zsh
_torque_devices() {{
    local -a devices
    devices=(${{(f)"$({devices})"}})
    compadd -a devices
}}

_torque_words_or_files() {{
    compadd -- "$@"
    _files
}}

_torque_topo() {{
    local -a commands
    commands=(
{commands}    )
    local command=$service
    if [[ $command == torque-topo ]]; then
        if ((CURRENT == 2)); then
            _describe command commands
            _arguments '--help[Print the help]' '--version[Print the version]'
            return
        fi
        command=$words[2]
        shift words
        ((CURRENT--))
    fi
    case $command in
{cases}    esac
}}

if [[ $funcstack[1] == _torque-topo ]]; then _torque_topo "$@"; else compdef _torque_topo torque-topo {plain}; fi
)zsh";

}  // namespace

std::string zsh_script(const ProgramWords& words) {
    std::string commands, cases;
    for (const CommandWords& command : words.topo)
        commands += formatted("        {}\n", quoted(command.name + ":" + escaped(command.about)));
    for (const auto* group : {&words.topo, &words.plain}) {
        for (const CommandWords& command : *group) cases += command_case(command, words);
    }
    return formatted(fmt::runtime(kScript), fmt::arg("plain", joined(names_of(words.plain))),
                     fmt::arg("devices", kListDevices), fmt::arg("commands", commands),
                     fmt::arg("cases", cases));
}

}  // namespace torque
