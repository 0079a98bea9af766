#include "tune/watch.h"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <optional>

#include "base/format.h"
#include "base/parse.h"
#include "cli/commands.h"
#include "cli/other_machine.h"
#include "cli/output.h"
#include "layout/json_text.h"
#include "machine/build.h"
#include "probes/cgroup.h"
#include "sys/changes.h"
#include "sys/host.h"
#include "torque/discover.h"

namespace torque {
namespace {

using tune::CheckReport;
using tune::CheckRow;
using tune::CheckStatus;

constexpr std::size_t kTextMax = 400;  // characters of one part of an event

std::string utc_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

const char* word_of(CheckStatus status) {
    switch (status) {
        case CheckStatus::ok:
            return "ok";
        case CheckStatus::drift:
            return "drift";
        case CheckStatus::not_checked:
            break;
    }
    return "unknown";
}

struct Event {
    const CheckRow& row;
    std::string cause;
    std::string mend;
};

std::string event_json(const Event& event) {
    const CheckRow& row = event.row;
    JsonText out;
    out.begin_object().member("schema", "torque.watch/1").member("time", utc_now());
    out.member("event", word_of(row.status)).member("id", row.id).member("cause", event.cause);
    out.member("expected", row.expected).member("found", unless_empty(row.found));
    out.member("source", row.source).member("why", unless_empty(row.why));
    return out.member("mend", unless_empty(event.mend)).end().take();
}

std::string event_text(const Event& event) {
    const CheckRow& row = event.row;
    std::string text = formatted("{}  {:<7}  {}: ", utc_now(), word_of(row.status), row.id);
    if (row.status == CheckStatus::not_checked) {
        text += row.why;
    } else if (row.status == CheckStatus::ok) {
        text += row.found;
    } else {
        text += formatted("expected {}, found {}", row.expected, row.found);
    }
    text += formatted(" [{}]", event.cause);
    if (!event.mend.empty()) text += "; mend: " + event.mend;
    return text + "\n";
}

std::string start_text(const CheckReport& report, const WatchOptions& options) {
    const int ok = tune::count(report, CheckStatus::ok), drift = tune::count(report, CheckStatus::drift);
    const int unknown = tune::count(report, CheckStatus::not_checked);
    if (!options.json) {
        return formatted("{}  start    {} ok, {} drift, {} not checked; looking every {} s\n", utc_now(), ok,
                         drift, unknown, static_cast<double>(options.interval_ms) / 1000);
    }
    JsonText out;
    out.begin_object().member("schema", "torque.watch/1").member("time", utc_now()).member("event", "start");
    out.member("ok", ok).member("drift", drift).member("not_checked", unknown);
    return out.member("interval_ms", options.interval_ms).end().take();
}

Result<void> print(const std::string& text) {
    return write_output("-", text);
}

// One look at the machine.
struct Look {
    Host host;
    Machine machine;
    CheckReport report;
};

Result<Look> look(const Layout& layout) {
    Look now{live_host(), {}, {}};
    Result<Machine> machine = build_machine(now.host);
    if (!machine) return tl::unexpected<Error>(machine.error());
    now.machine = std::move(*machine);
    now.report = tune::check({layout, now.machine, now.host});
    return now;
}

Result<void> print_news(const std::vector<CheckRow>& rows, const std::string& cause, const Layout& layout,
                        const WatchOptions& options) {
    std::string text;
    for (const CheckRow& row : rows) {
        const Event event{row, printable(cause, kTextMax), tune::mend_or_plan(row, layout, options.layout)};
        text += options.json ? event_json(event) : event_text(event);
    }
    return text.empty() ? Result<void>{} : print(text);
}

Result<Changes> open_changes(const Layout& layout) {
    const Host host = live_host();
    const CgroupFacts cgroup = read_cgroup(*host.root);
    Result<Changes> changes = Changes::open(tune::files_to_watch(layout, cgroup.cpus_source));
    if (changes && !changes->hears_hotplug()) {
        say("torque-topo: warning: the kernel tells nothing of CPUs and memory that come and go: "
            "seen at the interval only\n");
    }
    return changes;
}

// Until a signal ends it.
Result<ExitStatus> watch(Changes& changes, CheckReport before, const Layout& layout,
                         const WatchOptions& options) {
    const std::chrono::milliseconds interval(options.interval_ms);
    for (auto due = Changes::Clock::now() + interval;;) {
        const Change change = changes.next(due);
        if (change.kind == Change::Kind::signal) return change.signal == SIGINT ? kExitInterrupted : kExitOk;
        Result<Look> now = look(layout);
        if (!now) return tl::unexpected<Error>(now.error());
        const std::string cause = change.kind == Change::Kind::time_up ? "seen at the interval" : change.what;
        const auto told = print_news(tune::news(before, now->report), cause, layout, options);
        if (!told) return tl::unexpected<Error>(told.error());
        before = std::move(now->report);
        if (change.kind == Change::Kind::time_up) due = Changes::Clock::now() + interval;
    }
}

}  // namespace

Result<ExitStatus> run_watch(const WatchOptions& options) {
    const Result<Layout> layout = read_layout(options.layout);
    if (!layout) return tl::unexpected<Error>(layout.error());
    // Before the first look, so that nothing is missed in between.
    Result<Changes> changes = open_changes(*layout);
    if (!changes) return tl::unexpected<Error>(changes.error());
    Result<Look> first = look(*layout);
    if (!first) return tl::unexpected<Error>(first.error());
    if (const auto same = refuse_other_machine(*layout, first->machine, options.layout, "watch");
        !same && !options.force)
        return tl::unexpected<Error>(same.error());
    auto told = print(start_text(first->report, options));
    if (told) told = print_news(tune::news({}, first->report), "at the start", *layout, options);
    if (!told) return tl::unexpected<Error>(told.error());
    return watch(*changes, std::move(first->report), *layout, options);
}

}  // namespace torque
