// The words of torque-topo's command line, read off the tables of its options.
#pragma once

#include <string>
#include <vector>

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

std::vector<CommandWords> command_words();

}  // namespace torque
