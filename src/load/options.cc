#include "load/options.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <vector>

#include "base/parse.h"

namespace torque::load {
namespace {

constexpr std::string_view kUsage = R"(usage: torque-load ADDRESS [options]

Asks an HTTP/1.1 server for one page over and over, checks every response, and tells how many came and how soon.
Each connection asks again as soon as it was answered; with --rate at set times, whatever the answers take.

)";

constexpr OptionText kAddress = {"ADDRESS", {}, "the server: 127.0.0.1:8080, [::1]:8080"};

constexpr std::uint64_t kConnectionsMax = 65536, kDepthMax = 1024, kRateMax = 100'000'000;
constexpr std::int64_t kDurationMaxMs = 24 * 3600 * 1000;

tl::unexpected<Error> usage_error(std::string what,
                                  std::string hint = "torque-load --help lists the options") {
    return fail(std::move(what), {}, std::move(hint), ErrorKind::usage);
}

Result<void> take_time(std::string_view option, std::string_view text, std::int64_t& ms) {
    const auto duration_ms = parse_duration_ms(text, kDurationMaxMs);
    if (!duration_ms) {
        return usage_error(fmt::format("{}: '{}' is not a time of up to 24h", option, printable(text)),
                           "write 10s, 1500ms or 2m");
    }
    ms = *duration_ms;
    return {};
}

Result<void> take_number(std::string_view option, std::string_view text, std::uint64_t max,
                         std::uint64_t& value) {
    const auto number = parse_unsigned(text, max);
    if (!number || *number == 0)
        return usage_error(
            fmt::format("{}: '{}' is not a number from 1 to {}", option, printable(text), max));
    value = *number;
    return {};
}

Result<void> take_server(std::string_view, std::string_view text, Options& options) {
    auto server = serve::parse_listen_address(std::string(text));
    if (!server) return tl::unexpected<Error>(server.error());
    options.server = *server;
    return {};
}

Result<void> take_path(std::string_view option, std::string_view text, Options& options) {
    const bool is_clean =
        text.starts_with('/') && text.size() <= 8192 && text.find_first_of(" \r\n\t") == text.npos;
    if (!is_clean)
        return usage_error(fmt::format("{}: '{}' is not a path: it starts with a slash and has no spaces",
                                       option, printable(text)));
    options.path = text;
    return {};
}

Result<void> take_connections(std::string_view option, std::string_view text, Options& options) {
    std::uint64_t value = 0;
    if (auto taken = take_number(option, text, kConnectionsMax, value); !taken) return taken;
    options.connections = static_cast<std::uint32_t>(value);
    return {};
}

Result<void> take_depth(std::string_view option, std::string_view text, Options& options) {
    std::uint64_t value = 0;
    if (auto taken = take_number(option, text, kDepthMax, value); !taken) return taken;
    options.depth = static_cast<std::uint32_t>(value);
    return {};
}

Result<void> take_rate(std::string_view option, std::string_view text, Options& options) {
    std::uint64_t value = 0;
    if (auto taken = take_number(option, text, kRateMax, value); !taken) return taken;
    options.rate_per_s = static_cast<double>(value);
    return {};
}

Result<void> take_duration(std::string_view option, std::string_view text, Options& options) {
    if (auto taken = take_time(option, text, options.duration_ms); !taken) return taken;
    if (options.duration_ms == 0)
        return usage_error(fmt::format("{}: nothing can be measured in no time", option));
    return {};
}

Result<void> take_cpus(std::string_view option, std::string_view text, Options& options) {
    auto cpus = CpuSet::parse_list(text);
    if (!cpus) return usage_error(fmt::format("{}: {}", option, cpus.error().what), cpus.error().hint);
    if (cpus->empty()) return usage_error(fmt::format("{}: no CPU is in the list", option));
    options.cpus = std::move(*cpus);
    return {};
}

struct Row {
    OptionText option;
    Result<void> (*take)(std::string_view, std::string_view, Options&);  // an option with a value
    bool Options::*flag;
};

constexpr Row kRows[] = {
    {{"--path", "PAGE", "what to ask for: / (the default)"}, take_path, nullptr},
    {{"-c,--connections", "N", "how many: 64 (the default)"}, take_connections, nullptr},
    {{"--pipeline", "N", "requests under way on each connection: 1 (the default)"}, take_depth, nullptr},
    {{"--rate", "N", "requests a second over all connections; latency is then taken from when one was due"},
     take_rate,
     nullptr},
    {{"--duration", "TIME", "of the measurement: 10s (the default)"}, take_duration, nullptr},
    {{"--warm-up", "TIME", "before the measurement: 1s (the default)"},
     [](std::string_view option, std::string_view text, Options& options) {
         return take_time(option, text, options.warm_up_ms);
     },
     nullptr},
    {{"--cpus", "LIST", "one thread on each of these CPUs; default: one thread, wherever the kernel puts it"},
     take_cpus,
     nullptr},
    {{"--layout", "FILE",
      "one thread on each housekeeping CPU of this layout: those that its server leaves alone"},
     [](std::string_view, std::string_view text, Options& options) {
         return options.layout = text, Result<void>();
     },
     nullptr},
    {{"--expect", "TEXT", "the body that every response must have"},
     [](std::string_view, std::string_view text, Options& options) {
         return options.expected_body = text, Result<void>();
     },
     nullptr},
    {{"-J,--json", {}, "print a torque.load/1 document"}, nullptr, &Options::json},
    {{"--version", {}, "print the version"}, nullptr, &Options::version},
    {{"-h,--help", {}, "print this"}, nullptr, &Options::help},
};

const Row* find_row(std::string_view name) {
    for (const Row& row : kRows) {
        if (has_name(row.option, name)) return &row;
    }
    return nullptr;
}

tl::unexpected<Error> unknown_option(std::string_view name) {
    std::vector<std::string> names;
    for (const Row& row : kRows) names.emplace_back(long_name(row.option));
    const auto meant = did_you_mean(name, names);
    return usage_error(
        fmt::format("unknown option '{}'", printable(name)),
        meant ? fmt::format("did you mean {}?", *meant) : "torque-load --help lists the options");
}

}  // namespace

std::vector<OptionText> option_texts() {
    std::vector<OptionText> texts = {kAddress};
    for (const Row& row : kRows) texts.push_back(row.option);
    return texts;
}

std::string usage() {
    return std::string(kUsage) + option_lines(option_texts());
}

Result<Options> parse_options(int count, const char* const* arguments) {
    Options options;
    for (int i = 1; i < count; ++i) {
        std::string_view value = arguments[i];
        if (!value.starts_with('-')) {
            if (options.server.size_bytes != 0)
                return usage_error(fmt::format("unexpected argument '{}'", printable(value)));
            if (auto taken = take_server({}, value, options); !taken)
                return tl::unexpected<Error>(taken.error());
            continue;
        }
        const bool has_value = value.starts_with("--") && value.find('=') != value.npos;
        const std::string_view name = has_value ? take_until(value, '=') : value;
        const Row* row = find_row(name);
        if (row == nullptr) return unknown_option(name);
        if (row->flag != nullptr) {
            if (has_value) return usage_error(fmt::format("{} takes no value", name));
            options.*row->flag = true;
            continue;
        }
        if (!has_value) {
            if (i + 1 == count) return usage_error(fmt::format("{} needs a value", name));
            value = arguments[++i];
        }
        if (auto taken = row->take(name, value, options); !taken) return tl::unexpected<Error>(taken.error());
    }
    if (options.help || options.version) return options;
    if (options.server.size_bytes == 0)
        return usage_error("no server: torque-load ADDRESS, as in torque-load 127.0.0.1:8080");
    if (options.cpus && !options.layout.empty())
        return usage_error("--cpus and --layout both say where to run");
    return options;
}

}  // namespace torque::load
