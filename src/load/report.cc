#include "load/report.h"

#include "base/format.h"
#include "layout/json_text.h"

namespace torque::load {
namespace {

struct Quantile {
    double share;
    const char* name;  // in the table
    const char* key;   // in the document
};
constexpr Quantile kQuantiles[] = {
    {0.50, "p50", "p50"}, {0.90, "p90", "p90"}, {0.99, "p99", "p99"}, {0.999, "p99.9", "p99_9"}};

struct ErrorRow {
    const char* key;
    const char* text;
    std::uint64_t Outcome::*count;
};
constexpr ErrorRow kErrors[] = {
    {"connect", "could not connect", &Outcome::connect_errors},
    {"read", "ended before the answer", &Outcome::read_errors},
    {"write", "could not be written to", &Outcome::write_errors},
    {"status", "a status other than 2xx", &Outcome::status_errors},
    {"malformed", "a malformed response", &Outcome::malformed},
    {"body", "an unexpected body", &Outcome::wrong_bodies},
};

double per_second(const Outcome& outcome) {
    return outcome.seconds > 0 ? static_cast<double>(outcome.requests) / outcome.seconds : 0;
}

std::string time_text(double ns) {
    if (ns < 1e3) return formatted("{:.0f} ns", ns);
    if (ns < 1e6) return formatted("{:.1f} us", ns / 1e3);
    if (ns < 1e9) return formatted("{:.2f} ms", ns / 1e6);
    return formatted("{:.2f} s", ns / 1e9);
}

}  // namespace

std::string report_text(const Report& report) {
    const Outcome& total = report.total;
    const Options& options = report.options;
    std::string text =
        formatted("{} connections, {} a time, {} thread{}, {}, {:.1f} s\n", options.connections,
                  options.depth, report.threads, report.threads == 1 ? "" : "s",
                  options.rate_per_s > 0 ? formatted("{:.0f} requests/s asked for", options.rate_per_s)
                                         : std::string("as fast as answers come"),
                  total.seconds);
    text += formatted("requests/s  {:.0f}\n", per_second(total));
    text += formatted("requests    {}\n", total.requests);
    text += formatted("received    {:.1f} MiB\n", static_cast<double>(total.bytes) / 1048576.0);
    text += formatted("latency     mean {}", time_text(total.latency.mean_ns()));
    for (const Quantile& q : kQuantiles) {
        text +=
            formatted(", {} {}", q.name, time_text(static_cast<double>(total.latency.quantile_ns(q.share))));
    }
    text += formatted(", max {}\n", time_text(static_cast<double>(total.latency.max_ns())));
    text += formatted("errors      {}\n", total.errors());
    for (const ErrorRow& row : kErrors) {
        if (total.*row.count != 0) text += formatted("  {:<24} {}\n", row.text, total.*row.count);
    }
    return text;
}

std::string report_json(const Report& report) {
    const Outcome& total = report.total;
    const Options& options = report.options;
    JsonText json;
    json.begin_object(JsonText::Form::lines);
    json.key("schema").value("torque.load/1");
    json.key("server").value(serve::address_text(options.server));
    json.key("path").value(options.path);
    json.key("connections").value(options.connections);
    json.key("pipeline").value(options.depth);
    json.key("threads").value(report.threads);
    json.key("rate_per_s");
    options.rate_per_s > 0 ? json.value(options.rate_per_s) : json.null();
    json.key("duration_ns").value(static_cast<std::int64_t>(total.seconds * 1e9));
    json.key("requests").value(total.requests);
    json.key("requests_per_s").value(per_second(total));
    json.key("received_bytes").value(total.bytes);
    json.key("reconnects").value(total.reconnects);
    json.key("latency_ns").begin_object();
    json.key("mean").value(static_cast<std::int64_t>(total.latency.mean_ns()));
    for (const Quantile& q : kQuantiles) json.key(q.key).value(total.latency.quantile_ns(q.share));
    json.key("max").value(total.latency.max_ns()).end();
    json.key("errors").begin_object();
    for (const ErrorRow& row : kErrors) json.key(row.key).value(total.*row.count);
    json.end().end();
    return json.take();
}

}  // namespace torque::load
