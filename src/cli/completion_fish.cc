
#include "base/format.h"
#include "cli/completion_values.h"

namespace torque {
namespace {

std::string proposed(const Values& values) {
    std::string text = values.files ? " -F" : " -f";
    if (!values.words.empty()) text += formatted(" -a {}", quoted(joined(values.words)));
    if (values.devices) text += " -a '(__torque_devices)'";
    return text;
}

// begin: "complete -c PROGRAM", with the condition under which the command's options are proposed.
std::string lines(const CommandWords& command, const std::string& begin, const ProgramWords& known) {
    std::string text;
    for (const OptionWords& option : command.options) {
        text += begin;
        for (const std::string& name : option.names)
            text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        if (!option.value.empty()) text += " -r" + proposed(values_of(option, known));
        text += formatted(" -d {}\n", quoted(option.about));
    }
    for (const OptionWords& argument : command.arguments)
        text += begin + proposed(values_of(argument, known)) + "\n";
    return text;
}

// fish reads the file for each of the programs: what an earlier reading said is taken back.
constexpr const char* kHead =
    R"fish(# fish completion of torque-topo, {plain}; made by: torque-topo completion fish
function __torque_devices
    {devices}
end
for program in torque-topo {plain}
    complete -c $program -e
    complete -c $program -f
end
complete -c torque-topo -n __fish_use_subcommand -l help -s h -d 'Print the help'
complete -c torque-topo -n __fish_use_subcommand -l version -d 'Print the version'
)fish";

}  // namespace

std::string fish_script(const ProgramWords& words) {
    std::string text = formatted(fmt::runtime(kHead), fmt::arg("plain", joined(names_of(words.plain))),
                                 fmt::arg("devices", kListDevices));
    for (const CommandWords& command : words.topo) {
        text += formatted("complete -c torque-topo -n __fish_use_subcommand -a {} -d {}\n", command.name,
                          quoted(command.about));
    }
    for (const CommandWords& command : words.topo) {
        text += lines(command,
                      formatted("complete -c torque-topo -n '__fish_seen_subcommand_from {}'", command.name),
                      words);
    }
    for (const CommandWords& program : words.plain)
        text += lines(program, formatted("complete -c {}", program.name), words);
    return text;
}

}  // namespace torque
