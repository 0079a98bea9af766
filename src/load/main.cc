// torque-load: the load generator. The report goes to stdout, everything else to stderr.
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/format.h"
#include "layout/layout_json.h"
#include "load/client.h"
#include "load/options.h"
#include "load/report.h"
#include "serve/features.h"
#include "sys/host.h"
#include "sys/text_file.h"
#include "torque/version.h"

namespace torque::load {
namespace {

constexpr int kExitFailure = 1, kExitUsage = 2, kExitFound = 4, kExitInterrupted = 130;

static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");
std::atomic<bool> interrupted{false};

int report_error(const Error& error) {
    std::string text =
        formatted("torque-load: error: {}{}{}\n", error.where, error.where.empty() ? "" : ": ", error.what);
    if (!error.hint.empty()) text += formatted("hint: {}\n", error.hint);
    std::fputs(text.c_str(), stderr);  // there is nowhere else to say it
    return error.kind == ErrorKind::usage ? kExitUsage : kExitFailure;
}

Result<CpuSet> housekeeping_of(const std::string& path) {
    Result<std::string> text = read_text_file(path, kLayoutBytesMax);
    if (!text) return tl::unexpected<Error>(text.error());
    const Result<Layout> layout = parse_layout(*text, path);
    if (!layout) return tl::unexpected<Error>(layout.error());
    return layout->housekeeping;
}

// The connections are dealt out to the threads; no thread is without.
std::vector<ClientPlan> share_out(const Options& options, const std::vector<std::optional<int>>& cpus,
                                  const serve::Features& features, const std::string& request) {
    const auto threads = static_cast<std::uint32_t>(std::min<std::size_t>(cpus.size(), options.connections));
    std::vector<ClientPlan> plans(threads);
    for (std::uint32_t i = 0; i < threads; ++i) {
        ClientPlan& plan = plans[i];
        plan.server = options.server;
        plan.request = request;
        plan.expected_body = options.expected_body;
        plan.connections = options.connections / threads + (i < options.connections % threads ? 1 : 0);
        plan.depth = options.depth;
        plan.rate_per_s = options.rate_per_s * plan.connections / options.connections;
        plan.warm_up_ns = options.warm_up_ms * 1'000'000;
        plan.duration_ns = options.duration_ms * 1'000'000;
        plan.cpu = cpus[i];
        plan.ring = features.ring;
        plan.has_min_wait = features.has_min_wait;
    }
    return plans;
}

void add(const Outcome& part, Outcome& total) {
    total.requests += part.requests;
    total.bytes += part.bytes;
    total.connect_errors += part.connect_errors;
    total.read_errors += part.read_errors;
    total.write_errors += part.write_errors;
    total.status_errors += part.status_errors;
    total.malformed += part.malformed;
    total.wrong_bodies += part.wrong_bodies;
    total.reconnects += part.reconnects;
    total.seconds = std::max(total.seconds, part.seconds);
    total.latency.merge(part.latency);
}

Result<Outcome> run_all(const std::vector<ClientPlan>& plans) {
    std::vector<std::optional<Result<Outcome>>> results(plans.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < plans.size(); ++i) {
        threads.emplace_back([&, i] { results[i] = run_client(plans[i], interrupted); });
    }
    for (std::thread& thread : threads) thread.join();
    Outcome total;
    for (const auto& result : results) {
        if (!*result) return tl::unexpected<Error>((*result).error());
        add(**result, total);
    }
    return total;
}

int run(int count, char** arguments) {
    const Result<Options> options = parse_options({arguments, static_cast<std::size_t>(count)});
    if (!options) return report_error(options.error());
    if (options->help || options->version) {
        std::fputs(options->help ? usage().c_str() : "torque-load " TORQUE_VERSION "\n", stdout);
        return 0;
    }
    std::vector<std::optional<int>> cpus = {std::nullopt};
    std::optional<CpuSet> chosen = options->cpus;
    if (!options->layout.empty()) {
        Result<CpuSet> housekeeping = housekeeping_of(options->layout);
        if (!housekeeping) return report_error(housekeeping.error());
        chosen = std::move(*housekeeping);
    }
    if (chosen) cpus.assign(chosen->begin(), chosen->end());

    const Host host = live_host();
    if (!host.root) return report_error({"cannot read /proc and /sys", {}, "mount them"});
    const Result<serve::Features> features = serve::probe_features(*host.root);
    if (!features) return report_error(features.error());

    const std::string request =
        formatted("GET {} HTTP/1.1\r\nHost: {}\r\n\r\n", options->path, serve::address_text(options->server));
    const std::vector<ClientPlan> plans = share_out(*options, cpus, *features, request);
    signal(SIGINT, [](int) { interrupted.store(true); });
    const Result<Outcome> total = run_all(plans);
    if (!total) return report_error(total.error());
    const bool any_answer =
        total->requests + total->status_errors + total->malformed + total->wrong_bodies > 0;
    if (!any_answer && !interrupted) {
        return report_error({formatted("no answer came from {} in {:.1f} s ({} errors)",
                                       serve::address_text(options->server), total->seconds, total->errors()),
                             {},
                             {}});
    }
    const Report report{*options, static_cast<std::uint32_t>(plans.size()), *total};
    std::fputs((options->json ? report_json(report) : report_text(report)).c_str(), stdout);
    if (std::fflush(stdout) != 0) return kExitFailure;
    return interrupted ? kExitInterrupted : total->errors() > 0 ? kExitFound : 0;
}

}  // namespace
}  // namespace torque::load

int main(int count, char** arguments) {
    return torque::load::run(count, arguments);
}
