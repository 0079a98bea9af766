#include "layout/measured_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/parse.h"
#include "layout/json.h"

namespace torque {
namespace {

constexpr std::string_view kSchema = "torque.measure/1";

double measured(const JsonReader& json, double max = std::numeric_limits<double>::max()) {
    const double number = json.number();
    if (number >= 0 && number <= max) return number;
    json.complain(max == 1 ? "not a share from 0 to 1" : "no measurement is negative");
    return 0;
}

Result<Json> parse_measured(std::string_view text, const std::string& name, std::string_view kind) {
    Result<Json> document = parse_document(text, name, kSchema);
    if (!document) return document;
    JsonReader::State state;
    const std::string what = JsonReader(*document, state)["what"].text();
    if (!state.fault && what == kind) return document;
    return fail(state.fault ? state.fault->what
                            : fmt::format("this is of measure {}, not of measure {}", printable(what), kind),
                name + ": /what",
                fmt::format("torque-topo measure {} --json writes what is read here", kind));
}

MeasuredJitterOfCpu read_jitter_of_cpu(const JsonReader& json) {
    json.only({"cpu", "watched_ns", "look_ns", "gaps", "stolen_ns", "longest_ns", "gaps_per_s",
               "gaps_per_s_spread", "stolen_share", "stolen_share_spread", "waiting", "steal", "preemptions",
               "histogram", "longest", "counted"});
    return {json["cpu"].integer(0, CpuSet::kMaxCpu),  measured(json["gaps_per_s"]),
            measured(json["gaps_per_s_spread"]),      measured(json["stolen_share"], 1),
            measured(json["stolen_share_spread"], 1), measured(json["longest_ns"])};
}

tl::unexpected<Error> failed(const JsonReader::Fault& fault, const std::string& name) {
    return fail(fault.what, name + ": " + fault.pointer,
                fault.hint.empty() ? manual_hint(kSchema) : fault.hint);
}

}  // namespace

Result<MeasuredJitter> parse_measured_jitter(std::string_view text, const std::string& name) {
    const Result<Json> document = parse_measured(text, name, "jitter");
    if (!document) return tl::unexpected<Error>(document.error());
    JsonReader::State state;
    const JsonReader json(*document, state);
    json.only({"schema", "what", "source", "cpus", "reliable", "reason", "waiting", "steal", "clock",
               "threshold_ns", "edges_ns", "jitter"});
    MeasuredJitter jitter;
    jitter.is_reliable = json["reliable"].boolean();
    jitter.threshold_ns = measured(json["threshold_ns"]);
    for (const JsonReader& row : json["jitter"].elements()) {
        const MeasuredJitterOfCpu cpu = read_jitter_of_cpu(row);
        if (!jitter.cpus.empty() && cpu.cpu <= jitter.cpus.back().cpu)
            row["cpu"].complain("the CPUs do not ascend");
        jitter.cpus.push_back(cpu);
    }
    if (jitter.cpus.empty()) json["jitter"].complain("no CPU was measured");
    if (state.fault) return failed(*state.fault, name);
    return jitter;
}

}  // namespace torque
