#include "serve/options.h"

#include <string_view>
#include <vector>

#include "base/format.h"
#include "base/parse.h"
#include "base/program_options.h"

namespace torque::serve {
namespace {

constexpr std::string_view kUsage = R"(usage: torque-serve --layout FILE [options]

Serves HTTP/1.1 over io_uring with one worker for each worker of the layout, each on its own CPU.
GET / answers OK, /worker says who answered, /metrics is Prometheus text over all workers, /layout the layout.
SIGTERM ends it; SIGHUP reads the layout again and moves the workers.

)";

constexpr int kHourMs = 3600 * 1000;

Result<void> take_time(const GivenWord& word, int min_ms, int max_ms, const char* range, int& ms) {
    const auto duration_ms = parse_duration_ms(word.value, max_ms);
    if (!duration_ms || *duration_ms < min_ms) {
        return fail(formatted("{}: '{}' is not a time from {}", word.name, printable(word.value), range), {},
                    "write 60s, 1500ms or 2m", ErrorKind::usage);
    }
    ms = static_cast<int>(*duration_ms);
    return {};
}

Result<void> take_idle_timeout(const GivenWord& word, Options& options) {
    return take_time(word, 1000, 24 * kHourMs, "1s to 24h", options.idle_timeout_ms);
}

Result<void> take_drain_timeout(const GivenWord& word, Options& options) {
    return take_time(word, 0, kHourMs, "0s to 1h", options.drain_timeout_ms);
}

constexpr ProgramOption<Options> kRows[] = {
    {{"--layout", "FILE", "the layout, as 'torque-topo plan' writes it; - is standard input"},
     keep_value<&Options::layout>},
    {{"--listen", "ADDRESS",
      "where to listen: 127.0.0.1:8080 (the default), [::1]:8080; port 0 is any free one"},
     keep_value<&Options::listen>},
    {{"--idle-timeout", "TIME", "close a connection that asks nothing for so long: 60s (the default)"},
     take_idle_timeout},
    {{"--drain-timeout", "TIME", "at the end, wait so long for requests under way: 250ms (the default)"},
     take_drain_timeout},
    {{"--check", {}, "do all checks of a start, say what was found, serve nothing"},
     set_flag<&Options::check>},
    {{"--features", {}, "list what the kernel's io_uring has, and what for"}, set_flag<&Options::features>},
    {{"--no-batching", {}, "answer each request as it comes: less latency at part load, more CPU time"},
     set_flag<&Options::no_batching>},
    {{"--force", {}, "serve even if the layout was made for another machine"}, set_flag<&Options::force>},
    {{"--version", {}, "print the version"}, set_flag<&Options::version>},
    {{"-h,--help", {}, "print this"}, set_flag<&Options::help>},
};

}  // namespace

std::vector<OptionText> option_texts() {
    return texts_of(kRows);
}

std::string usage() {
    return std::string(kUsage) + option_lines(option_texts());
}

Result<Options> parse_options(std::span<const char* const> arguments) {
    auto options = read_options("torque-serve", kRows, arguments);
    if (!options) return options;
    if (options->layout.empty() && !options->features && !options->version && !options->help) {
        return fail("no layout: --layout FILE is needed", {},
                    "make one: torque-topo plan --workers 4 > layout.json", ErrorKind::usage);
    }
    return options;
}

}  // namespace torque::serve
