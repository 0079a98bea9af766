// Scripts that complete the command lines of torque's programs in a shell.
#pragma once

#include <string>
#include <vector>

#include "cli/command_words.h"
#include "cli/options.h"

namespace torque {

struct ProgramWords {
    std::vector<CommandWords> topo;     // torque-topo's commands
    std::vector<CommandWords> plain;    // programs without commands: torque-serve, torque-load
    std::vector<std::string> formats;   // of emit
    std::vector<std::string> profiles;  // built in
};

// The whole script, to be sourced or put where the shell looks for such.
std::string bash_script(const ProgramWords& words);
std::string zsh_script(const ProgramWords& words);
std::string fish_script(const ProgramWords& words);

}  // namespace torque
