// The words of the programs' command lines, read off the tables of their options.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/option_text.h"

namespace torque {

struct OptionWords {
    std::vector<std::string>
        names;  // "--format", "-i"; of an argument without a name its placeholder: "FILE"
    std::string about;
    std::string value;  // placeholder of what it takes: "FILE", "tree|json"; empty for a flag
};

struct CommandWords {
    std::string name;
    std::string about;
    std::vector<OptionWords> options;    // with --help
    std::vector<OptionWords> arguments;  // by position
};

// torque-topo's commands.
std::vector<CommandWords> command_words();

// A program without commands.
CommandWords program_words(std::string name, std::span<const OptionText> options);

std::vector<std::string> names_of(const std::vector<CommandWords>& commands);

}  // namespace torque
