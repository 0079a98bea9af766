// Commands: the machine's own programs, run by their paths and without a shell.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "torque/result.h"

namespace torque {

struct CommandDone {
    int status = 0;        // exit status; 128 + the signal that ended it
    std::string out, err;  // what it wrote; of `err` the last 4 KiB
};

class Commands {
  public:
    static constexpr std::size_t kOutBytesMax = std::size_t{1} << 20;
    static constexpr int kSecondsMax = 300;  // then it is killed

    virtual ~Commands() = default;

    virtual bool has(const std::string& path) const = 0;  // a file that may be executed
    // `words`: the program's path, then its arguments. `in` is its standard input. Of this program's
    // environment it gets the language, and PATH as the system has it. Errors: it cannot be run, takes too
    // long or writes more than kOutBytesMax.
    virtual Result<CommandDone> run(const std::vector<std::string>& words, std::string in = {}) = 0;
};

// Below `root`, "" for the machine itself: a program is looked for below it and runs with it as its working
// directory, but is not confined to it.
std::unique_ptr<Commands> open_commands(const std::string& root);

}  // namespace torque
