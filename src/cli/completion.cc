#include "cli/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/parse.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "emit/formats.h"
#include "layout/builtin_profiles.h"

namespace torque {
namespace {

// What can stand for a placeholder.
struct Values {
    std::vector<std::string> words;
    bool files = false;
    bool devices = false;
};

Values values_of(const OptionWords& option, const KnownWords& known) {
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

// For a single-quoted word of any of the shells; fish reads \\ and \' within quotes, which no text here
// holds.
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) c == '\'' ? out += "'\\''" : out += c;
    return out + "'";
}

std::string joined(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, " "));
}

// Network interfaces and block devices, which --near takes. PCI addresses would fill the screen.
constexpr std::string_view kListDevices =
    "command ls -A /sys/class/net /sys/block 2>/dev/null | "
    "command grep -v -e / -e '^$'";

std::string command_names(const std::vector<CommandWords>& commands) {
    std::vector<std::string> names;
    for (const CommandWords& command : commands) names.push_back(command.name);
    return joined(names);
}

// bash: one case a command, and in it one an option that takes a value.
std::string bash_action(const Values& values) {
    std::string action;
    if (!values.words.empty()) action += fmt::format("words={}; ", quoted(joined(values.words)));
    if (values.devices) action += fmt::format("words=$({}); ", kListDevices);
    if (values.files) action += "files=yes; ";
    return action;
}

std::string bash_command(const CommandWords& command, const KnownWords& known) {
    std::vector<std::string> names;
    std::string values;
    for (const OptionWords& option : command.options) {
        names.insert(names.end(), option.names.begin(), option.names.end());
        if (option.value.empty()) continue;
        values += fmt::format("                {}) {}taken=yes ;;\n", fmt::join(option.names, " | "),
                              bash_action(values_of(option, known)));
    }
    std::string arguments;
    for (const OptionWords& argument : command.arguments)
        arguments += bash_action(values_of(argument, known));
    std::string text =
        fmt::format("        {})\n            options={}\n", command.name, quoted(joined(names)));
    if (!values.empty()) text += fmt::format("            case $previous in\n{}            esac\n", values);
    if (!arguments.empty())
        text += fmt::format("            [[ -n $taken ]] || {{ {}}}\n", arguments + "true; ");
    return text + "            ;;\n";
}

std::string bash_script(const std::vector<CommandWords>& commands, const KnownWords& known) {
    std::string cases;
    for (const CommandWords& command : commands) cases += bash_command(command, known);
    return fmt::format(R"bash(# bash completion of torque-topo; made by: torque-topo completion bash
_torque_topo() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} command=${{COMP_WORDS[1]}}
    local options= words= files= taken=
    # bash takes --option=value apart at the sign.
    if [[ $current == = ]]; then current=; elif [[ $previous == = ]]; then previous=${{COMP_WORDS[COMP_CWORD - 2]}}; fi
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W '{} --help --version' -- "$current"))
        return
    fi
    if [[ $command == run && " ${{COMP_WORDS[*]:2:COMP_CWORD - 2}} " == *" -- "* ]]; then
        COMPREPLY=($(compgen -c -- "$current"))
        return
    fi
    case $command in
{}    esac
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
complete -F _torque_topo torque-topo
)bash",
                       command_names(commands), cases);
}

// zsh: _arguments, whose specifications hold no bare bracket or colon.
std::string zsh_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string zsh_action(const Values& values) {
    if (values.devices) return "_torque_topo_devices";
    if (values.words.empty()) return values.files ? "_files" : " ";
    return values.files ? " _torque_topo_words_or_files " + joined(values.words)
                        : "(" + joined(values.words) + ")";
}

std::string zsh_command(const CommandWords& command, const KnownWords& known) {
    std::string text = fmt::format("        {})\n            _arguments -S", command.name);
    for (const OptionWords& option : command.options) {
        for (const std::string& name : option.names) {
            const bool is_long = name.starts_with("--");
            std::string specification = fmt::format("*{}{}[{}]", name,
                                                    option.value.empty() ? ""
                                                    : is_long            ? "="
                                                                         : "+",
                                                    zsh_text(option.about));
            if (!option.value.empty()) {
                specification +=
                    fmt::format(":{}:{}", zsh_text(option.value), zsh_action(values_of(option, known)));
            }
            text += " \\\n                " + quoted(specification);
        }
    }
    for (const OptionWords& argument : command.arguments) {
        text += " \\\n                " + quoted(fmt::format("::{}:{}", zsh_text(argument.names.front()),
                                                             zsh_action(values_of(argument, known))));
    }
    if (command.name == "run") text += " \\\n                '*::command:_normal'";
    return text + "\n            ;;\n";
}

std::string zsh_script(const std::vector<CommandWords>& commands, const KnownWords& known) {
    std::string names, cases;
    for (const CommandWords& command : commands) {
        names += fmt::format("        {}\n", quoted(command.name + ":" + zsh_text(command.about)));
        cases += zsh_command(command, known);
    }
    return fmt::format(R"zsh(#compdef torque-topo
# zsh completion of torque-topo; made by: torque-topo completion zsh
_torque_topo_devices() {{
    local -a devices
    devices=(${{(f)"$({})"}})
    compadd -a devices
}}

_torque_topo_words_or_files() {{
    compadd -- "$@"
    _files
}}

_torque_topo() {{
    local -a commands
    commands=(
{}    )
    if ((CURRENT == 2)); then
        _describe command commands
        _arguments '--help[Print the help]' '--version[Print the version]'
        return
    fi
    local command=$words[2]
    shift words
    ((CURRENT--))
    case $command in
{}    esac
}}

if [[ $funcstack[1] == _torque_topo ]]; then _torque_topo "$@"; else compdef _torque_topo torque-topo; fi
)zsh",
                       kListDevices, names, cases);
}

std::string fish_values(const Values& values) {
    std::string text = values.files ? " -F" : " -f";
    if (!values.words.empty()) text += fmt::format(" -a {}", quoted(joined(values.words)));
    if (values.devices) text += " -a '(__torque_topo_devices)'";
    return text;
}

std::string fish_command(const CommandWords& command, const KnownWords& known) {
    const std::string within = fmt::format("-n '__fish_seen_subcommand_from {}'", command.name);
    std::string text;
    for (const OptionWords& option : command.options) {
        text += fmt::format("complete -c torque-topo {}", within);
        for (const std::string& name : option.names) {
            text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        }
        if (!option.value.empty()) text += " -r" + fish_values(values_of(option, known));
        text += fmt::format(" -d {}\n", quoted(option.about));
    }
    for (const OptionWords& argument : command.arguments) {
        text +=
            fmt::format("complete -c torque-topo {}{}\n", within, fish_values(values_of(argument, known)));
    }
    return text;
}

std::string fish_script(const std::vector<CommandWords>& commands, const KnownWords& known) {
    std::string text =
        fmt::format(R"fish(# fish completion of torque-topo; made by: torque-topo completion fish
function __torque_topo_devices
    {}
end
complete -c torque-topo -f
complete -c torque-topo -n __fish_use_subcommand -l help -s h -d 'Print the help'
complete -c torque-topo -n __fish_use_subcommand -l version -d 'Print the version'
)fish",
                    kListDevices);
    for (const CommandWords& command : commands) {
        text += fmt::format("complete -c torque-topo -n __fish_use_subcommand -a {} -d {}\n", command.name,
                            quoted(command.about));
    }
    for (const CommandWords& command : commands) text += fish_command(command, known);
    return text;
}

}  // namespace

std::string completion_script(Shell shell, const std::vector<CommandWords>& commands,
                              const KnownWords& known) {
    switch (shell) {
        case Shell::bash:
            return bash_script(commands, known);
        case Shell::zsh:
            return zsh_script(commands, known);
        case Shell::fish:
            break;
    }
    return fish_script(commands, known);
}

Result<void> run_completion(const CompletionOptions& options) {
    KnownWords known;
    for (const emit::Format& format : emit::formats()) known.formats.emplace_back(format.name);
    for (const BuiltinProfile& profile : builtin_profiles()) known.profiles.emplace_back(profile.name);
    return write_output(options.output, completion_script(options.shell, command_words(), known));
}

}  // namespace torque
