#include "load/options.h"

#include <string_view>
#include <type_traits>
#include <utility>

#include "base/format.h"
#include "base/parse.h"
#include "base/program_options.h"

namespace torque::load {
namespace {

constexpr std::string_view kUsage = R"(usage: torque-load ADDRESS [options]

Asks an HTTP/1.1 server for one page over and over, checks every response, and tells how many came and how soon.
Each connection asks again as soon as it was answered; with --rate at set times, whatever the answers take.

)";

constexpr std::int64_t kDurationMaxMs = 24 * 3600 * 1000;

tl::unexpected<Error> usage_error(std::string what, std::string hint = help_hint("torque-load")) {
    return fail(std::move(what), {}, std::move(hint), ErrorKind::usage);
}

template <auto member>
Result<void> take_time(const GivenWord& word, Options& options) {
    const auto duration_ms = parse_duration_ms(word.value, kDurationMaxMs);
    if (!duration_ms) {
        return usage_error(formatted("{}: '{}' is not a time of up to 24h", word.name, printable(word.value)),
                           "write 10s, 1500ms or 2m");
    }
    options.*member = *duration_ms;
    return {};
}

template <auto member, std::uint64_t max>
Result<void> take_number(const GivenWord& word, Options& options) {
    const auto number = parse_unsigned(word.value, max);
    if (!number || *number == 0)
        return usage_error(
            formatted("{}: '{}' is not a number from 1 to {}", word.name, printable(word.value), max));
    options.*member = static_cast<std::remove_reference_t<decltype(options.*member)>>(*number);
    return {};
}

Result<void> take_server(const GivenWord& word, Options& options) {
    if (options.server.size_bytes != 0)
        return usage_error(formatted("unexpected argument '{}'", printable(word.value)));
    auto server = serve::parse_listen_address(std::string(word.value));
    if (!server)
        return usage_error(formatted("'{}' is not the address of a server", printable(word.value)),
                           server.error().hint);
    options.server = *server;
    return {};
}

Result<void> take_path(const GivenWord& word, Options& options) {
    const std::string_view path = word.value;
    const bool is_clean =
        path.starts_with('/') && path.size() <= 8192 && path.find_first_of(" \r\n\t") == path.npos;
    if (!is_clean)
        return usage_error(formatted("{}: '{}' is not a path: it starts with a slash and has no spaces",
                                     word.name, printable(path)));
    options.path = path;
    return {};
}

Result<void> take_duration(const GivenWord& word, Options& options) {
    if (auto taken = take_time<&Options::duration_ms>(word, options); !taken) return taken;
    if (options.duration_ms == 0)
        return usage_error(formatted("{}: nothing can be measured in no time", word.name));
    return {};
}

Result<void> take_cpus(const GivenWord& word, Options& options) {
    auto cpus = CpuSet::parse_list(word.value);
    if (!cpus) return usage_error(formatted("{}: {}", word.name, cpus.error().what), cpus.error().hint);
    if (cpus->empty()) return usage_error(formatted("{}: no CPU is in the list", word.name));
    options.cpus = std::move(*cpus);
    return {};
}

constexpr ProgramOption<Options> kRows[] = {
    {{"ADDRESS", {}, "the server: 127.0.0.1:8080, [::1]:8080"}, take_server},
    {{"--path", "PAGE", "what to ask for: / (the default)"}, take_path},
    {{"-c,--connections", "N", "how many: 64 (the default)"}, take_number<&Options::connections, 65536>},
    {{"--pipeline", "N", "requests under way on each connection: 1 (the default)"},
     take_number<&Options::depth, 1024>},
    {{"--rate", "N", "requests a second over all connections; latency is then taken from when one was due"},
     take_number<&Options::rate_per_s, 100'000'000>},
    {{"--duration", "TIME", "of the measurement: 10s (the default)"}, take_duration},
    {{"--warm-up", "TIME", "before the measurement: 1s (the default)"}, take_time<&Options::warm_up_ms>},
    {{"--cpus", "LIST", "one thread on each of these CPUs; default: one thread, wherever the kernel puts it"},
     take_cpus},
    {{"--layout", "FILE",
      "one thread on each housekeeping CPU of this layout: those that its server leaves alone"},
     keep_value<&Options::layout>},
    {{"--expect", "TEXT", "the body that every response must have"}, keep_value<&Options::expected_body>},
    {{"-J,--json", {}, "print a torque.load/1 document"}, set_flag<&Options::json>},
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
    auto options = read_options("torque-load", kRows, arguments);
    if (!options || options->help || options->version) return options;
    if (options->server.size_bytes == 0)
        return usage_error("no server: torque-load ADDRESS, as in torque-load 127.0.0.1:8080");
    if (options->cpus && !options->layout.empty())
        return usage_error("--cpus and --layout both say where to run");
    return options;
}

}  // namespace torque::load
