// torque-load's command line.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/option_text.h"
#include "serve/listen_address.h"
#include "torque/cpu_set.h"
#include "torque/result.h"

namespace torque::load {

struct Options {
    serve::ListenAddress server;
    std::string path = "/";
    std::uint32_t connections = 64;
    std::uint32_t depth = 1;  // requests under way on each
    double rate_per_s = 0;    // over all connections; 0: as fast as answers come
    std::int64_t warm_up_ms = 1000, duration_ms = 10000;
    std::optional<CpuSet> cpus;  // one thread on each; absent: one thread, on any
    std::string layout;          // take the housekeeping CPUs of this layout
    std::optional<std::string> expected_body;
    bool json = false, version = false, help = false;
};

// `arguments` are main()'s. Errors are of kind usage: an unknown option (with the one that was meant), a
// missing or malformed value.
Result<Options> parse_options(std::span<const char* const> arguments);

// All that may be given, for the help and the completion of shells.
std::vector<OptionText> option_texts();

std::string usage();

}  // namespace torque::load
