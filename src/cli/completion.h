// Scripts that complete torque-topo's command line in a shell.
#pragma once

#include <string>
#include <vector>

#include "cli/command_words.h"
#include "cli/options.h"

namespace torque {

// What a placeholder stands for: "a|b" for these words, FILE and PATH for files, DEVICE for the machine's
// devices, FORMAT and NAME for the words that `known` has. NAME|FILE is both.
struct KnownWords {
    std::vector<std::string> formats;   // of emit
    std::vector<std::string> profiles;  // built in
};

// The whole script, to be sourced or put where the shell looks for such.
std::string completion_script(Shell shell, const std::vector<CommandWords>& commands,
                              const KnownWords& known);

}  // namespace torque
