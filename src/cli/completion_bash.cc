
#include "base/format.h"
#include "cli/completion_values.h"

namespace torque {
namespace {

// One case a command, and in it one an option that takes a value.
std::string action(const Values& values) {
    std::string action;
    if (!values.words.empty()) action += formatted("words={}; ", quoted(joined(values.words)));
    if (values.devices) action += formatted("words=$({}); ", kListDevices);
    if (values.files) action += "files=yes; ";
    return action;
}

std::string command_case(const CommandWords& command, const ProgramWords& known) {
    std::vector<std::string> names;
    std::string values;
    for (const OptionWords& option : command.options) {
        names.insert(names.end(), option.names.begin(), option.names.end());
        if (option.value.empty()) continue;
        values += formatted("                {}) {}taken=yes ;;\n", joined(option.names, " | "),
                            action(values_of(option, known)));
    }
    std::string arguments;
    for (const OptionWords& argument : command.arguments) arguments += action(values_of(argument, known));
    std::string text =
        formatted("        {})\n            options={}\n", command.name, quoted(joined(names)));
    if (!values.empty()) text += formatted("            case $previous in\n{}            esac\n", values);
    if (!arguments.empty())
        text += formatted("            [[ -n $taken ]] || {{ {}}}\n", arguments + "true; ");
    return text + "            ;;\n";
}

constexpr const char* kScript =
    R"bash(# bash completion of torque-topo, {plain}; made by: torque-topo completion bash
_torque_topo() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} command=${{COMP_WORDS[0]##*/}}
    local options= words= files= taken=
    # bash takes --option=value apart at the sign.
    if [[ $current == = ]]; then current=; elif [[ $previous == = ]]; then previous=${{COMP_WORDS[COMP_CWORD - 2]}}; fi
    COMPREPLY=()
    if [[ $command == torque-topo ]]; then
        if ((COMP_CWORD == 1)); then
            COMPREPLY=($(compgen -W '{commands} --help --version' -- "$current"))
            return
        fi
        command=${{COMP_WORDS[1]}}
        if [[ $command == run && " ${{COMP_WORDS[*]:2:COMP_CWORD - 2}} " == *" -- "* ]]; then
            COMPREPLY=($(compgen -c -- "$current"))
            return
        fi
    fi
    case $command in
{cases}    esac
    if [[ -z $taken && $current == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$current"))
        return
    fi
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    if [[ -n $files ]]; then
        compopt -o filenames 2>/dev/null
        local IFS=$'\n'
        COMPREPLY+=($(compgen -f -- "$current"))
    fi
}}
complete -F _torque_topo torque-topo {plain}
)bash";

}  // namespace

std::string bash_script(const ProgramWords& words) {
    std::string cases;
    for (const auto* group : {&words.topo, &words.plain}) {
        for (const CommandWords& command : *group) cases += command_case(command, words);
    }
    return formatted(fmt::runtime(kScript), fmt::arg("plain", joined(names_of(words.plain))),
                     fmt::arg("commands", joined(names_of(words.topo))), fmt::arg("cases", cases));
}

}  // namespace torque
