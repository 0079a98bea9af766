// torque-serve's command line.
#pragma once

#include <string>
#include <vector>

#include "base/option_text.h"
#include "torque/result.h"

namespace torque::serve {

struct Options {
    std::string layout;  // a file, "-" is standard input
    std::string listen = "127.0.0.1:8080";
    std::string idle_timeout = "60s";
    std::string drain_timeout = "250ms";
    int idle_timeout_ms = 60000, drain_timeout_ms = 250;  // the same, parsed
    bool check = false;
    bool features = false;
    bool force = false;
    bool no_batching = false;
    bool version = false;
    bool help = false;
};

// Errors are of kind usage: an unknown option (with the one that was meant), a missing or malformed value.
Result<Options> parse_options(int count, const char* const* arguments);

// All that may be given, for the help and the completion of shells.
std::vector<OptionText> option_texts();

std::string usage();

}  // namespace torque::serve
