#include "serve/options.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <vector>

#include "base/parse.h"

namespace torque::serve {
namespace {

constexpr std::string_view kUsage = R"(usage: torque-serve --layout FILE [options]

Serves HTTP/1.1 over io_uring with one worker for each worker of the layout, each on its own CPU.
GET / answers OK, /worker says who answered, /metrics is Prometheus text over all workers, /layout the layout.
SIGTERM ends it; SIGHUP reads the layout again and moves the workers.

)";

constexpr int kDurationMaxMs = 24 * 3600 * 1000;

tl::unexpected<Error> usage_error(std::string what,
                                  std::string hint = "torque-serve --help lists the options") {
    return fail(std::move(what), {}, std::move(hint), ErrorKind::usage);
}

struct DurationRow {
    const char* name;
    std::string Options::*text;
    int Options::*parsed_ms;
    int min_ms, max_ms;
    const char* range;
};

constexpr DurationRow kDurations[] = {
    {"--idle-timeout", &Options::idle_timeout, &Options::idle_timeout_ms, 1000, kDurationMaxMs, "1s to 24h"},
    {"--drain-timeout", &Options::drain_timeout, &Options::drain_timeout_ms, 0, 3600 * 1000, "0s to 1h"},
};

Result<void> parse_durations(Options& options) {
    for (const DurationRow& row : kDurations) {
        const std::string& text = options.*row.text;
        const auto duration_ms = parse_duration_ms(text, row.max_ms);
        if (!duration_ms || *duration_ms < row.min_ms) {
            return usage_error(
                fmt::format("{}: '{}' is not a time from {}", row.name, printable(text), row.range),
                "write 60s, 1500ms or 2m");
        }
        options.*row.parsed_ms = static_cast<int>(*duration_ms);
    }
    return {};
}

// An option sets one of the two.
struct Row {
    OptionText option;
    std::string Options::*text;
    bool Options::*flag;
};

constexpr Row kRows[] = {
    {{"--layout", "FILE", "the layout, as 'torque-topo plan' writes it; - is standard input"},
     &Options::layout,
     nullptr},
    {{"--listen", "ADDRESS",
      "where to listen: 127.0.0.1:8080 (the default), [::1]:8080; port 0 is any free one"},
     &Options::listen,
     nullptr},
    {{"--idle-timeout", "TIME", "close a connection that asks nothing for so long: 60s (the default)"},
     &Options::idle_timeout,
     nullptr},
    {{"--drain-timeout", "TIME", "at the end, wait so long for requests under way: 250ms (the default)"},
     &Options::drain_timeout,
     nullptr},
    {{"--check", {}, "do all checks of a start, say what was found, serve nothing"},
     nullptr,
     &Options::check},
    {{"--features", {}, "list what the kernel's io_uring has, and what for"}, nullptr, &Options::features},
    {{"--no-batching", {}, "answer each request as it comes: less latency at part load, more CPU time"},
     nullptr,
     &Options::no_batching},
    {{"--force", {}, "serve even if the layout was made for another machine"}, nullptr, &Options::force},
    {{"--version", {}, "print the version"}, nullptr, &Options::version},
    {{"-h,--help", {}, "print this"}, nullptr, &Options::help},
};

tl::unexpected<Error> unknown_option(std::string_view name) {
    std::vector<std::string> names;
    for (const Row& row : kRows) names.emplace_back(long_name(row.option));
    const auto meant = did_you_mean(name, names);
    const std::string what = name.starts_with('-') ? "unknown option" : "unexpected argument";
    return usage_error(
        fmt::format("{} '{}'", what, printable(name)),
        meant ? fmt::format("did you mean {}?", *meant) : "torque-serve --help lists the options");
}

const Row* find_row(std::string_view name) {
    for (const Row& row : kRows) {
        if (has_name(row.option, name)) return &row;
    }
    return nullptr;
}

}  // namespace

std::vector<OptionText> option_texts() {
    std::vector<OptionText> texts;
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
        const bool has_value = value.starts_with("--") && value.find('=') != value.npos;
        const std::string_view name = has_value ? take_until(value, '=') : value;
        const Row* row = find_row(name);
        if (!row) return unknown_option(name);
        if (row->flag) {
            if (has_value) return usage_error(fmt::format("{} takes no value", name));
            options.*row->flag = true;
            continue;
        }
        if (!has_value) {
            if (i + 1 == count) return usage_error(fmt::format("{} needs a value", name));
            value = arguments[++i];
        }
        options.*row->text = value;
    }
    if (auto parsed = parse_durations(options); !parsed) return tl::unexpected<Error>(parsed.error());
    if (options.layout.empty() && !options.features && !options.version && !options.help) {
        return usage_error("no layout: --layout FILE is needed",
                           "make one: torque-topo plan --workers 4 > layout.json");
    }
    return options;
}

}  // namespace torque::serve
