// torque-serve's command line.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/option_text.h"
#include "torque/result.h"

namespace torque::serve {

struct Options {
    std::string layout;  // a file, "-" is standard input
    std::string listen = "127.0.0.1:8080";
    int idle_timeout_ms = 60000;  // 1 s to 24 h
    int drain_timeout_ms = 250;   // up to 1 h
    bool check = false;
    bool features = false;
    bool force = false;
    bool no_batching = false;
    bool version = false;
    bool help = false;
};

// `arguments` are main()'s. Errors are of kind usage: an unknown option (with the one that was meant), a
// missing or malformed value.
Result<Options> parse_options(std::span<const char* const> arguments);

// All that may be given, for the help and the completion of shells.
std::vector<OptionText> option_texts();

std::string usage();

}  // namespace torque::serve
