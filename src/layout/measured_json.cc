#include "layout/measured_json.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/format.h"
#include "base/parse.h"
#include "layout/json.h"
#include "layout/measured_sizes_json.h"

namespace torque {
namespace {

constexpr std::string_view kSchema = "torque.measure/1";

std::string what_of(const Json& document) {
    JsonReader::State state;
    return JsonReader(document, state)["what"].text();
}

tl::unexpected<Error> other_kind(const std::string& what, const std::string& name, const char* wanted) {
    return fail(what.empty() ? "the document does not say what was measured"
                             : formatted("this is of measure {}", printable(what)),
                name + ": /what",
                formatted("what is read here is written by torque-topo measure {} --json", wanted));
}

MeasuredJitterOfCpu read_jitter_of_cpu(const JsonReader& json) {
    json.only({"cpu", "watched_ns", "look_ns", "gaps", "stolen_ns", "longest_ns", "gaps_per_s",
               "gaps_per_s_spread", "stolen_share", "stolen_share_spread", "waiting", "steal", "preemptions",
               "histogram", "longest", "counted"});
    return {json["cpu"].integer(0, CpuSet::kMaxCpu),         measured_number(json["gaps_per_s"]),
            measured_number(json["gaps_per_s_spread"]),      measured_number(json["stolen_share"], 1),
            measured_number(json["stolen_share_spread"], 1), measured_number(json["longest_ns"])};
}

// Of the pair that was read last.
template <class Pair>
void expect_pair(const JsonReader& json, const std::vector<Pair>& pairs, const CpuSet& cpus) {
    const Pair& pair = pairs.back();
    if (pair.a >= pair.b || !cpus.contains(pair.a) || !cpus.contains(pair.b))
        json.complain("not a pair of CPUs that were measured, the lower one first");
    if (pairs.size() < 2) return;
    const Pair& before = pairs[pairs.size() - 2];
    if (std::pair(pair.a, pair.b) <= std::pair(before.a, before.b)) json.complain("the pairs do not ascend");
}

MeasuredLevel read_level(const JsonReader& json, const CpuSet& cpus) {
    json.only({"likely", "latency_ns", "apart_ns", "misfits", "only_first", "groups"});
    MeasuredLevel level;
    level.likely = kLevelWords[json["likely"].word(kLevelWords)];
    level.latency_ns = measured_number(json["latency_ns"]);
    level.apart_ns = measured_number(json["apart_ns"]);
    level.is_only_first = json["only_first"].boolean();
    CpuSet seen;
    for (const JsonReader& group : json["groups"].elements()) {
        level.groups.push_back(group.cpus());
        if (level.groups.back().empty() || level.groups.back().intersects(seen))
            group.complain("a group without CPUs of its own");
        if (!cpus.contains(level.groups.back())) group.complain("CPUs that were not measured");
        seen |= level.groups.back();
    }
    return level;
}

MeasuredCores read_cores(const JsonReader& json, const std::string& name) {
    json.only({"schema", "what", "source", "cpus", "fingerprint", "levels", "rest_ns", "reliable", "reason",
               "waiting", "steal", "clock_ns", "declared", "pairs"});
    MeasuredCores cores{read_measured_result(json, name), {}, {}};
    for (const JsonReader& level : json["levels"].elements())
        cores.levels.push_back(read_level(level, cores.cpus));
    if (json["pairs"].is_null()) return cores;
    for (const JsonReader& row : json["pairs"].elements()) {
        row.only({"a", "b", "latency_ns", "spread_ns", "samples"});
        cores.pairs.push_back({row["a"].integer(0, CpuSet::kMaxCpu), row["b"].integer(0, CpuSet::kMaxCpu),
                               measured_number(row["latency_ns"])});
        expect_pair(row, cores.pairs, cores.cpus);
    }
    return cores;
}

MeasuredPair read_pair(const JsonReader& json) {
    json.only({"a", "b", "speed", "spread", "samples", "sharing", "certainty", "declared"});
    const std::size_t sharing = json["sharing"].word(kSharingWords);
    const MeasuredPair pair{json["a"].integer(0, CpuSet::kMaxCpu), json["b"].integer(0, CpuSet::kMaxCpu),
                            kSharingWords[sharing] == "shared", kSharingWords[sharing] == "apart",
                            json["certainty"].is("sure")};
    return pair;
}

MeasuredSmt read_smt(const JsonReader& json, const std::string& name) {
    json.only({"schema", "what", "source", "cpus", "fingerprint", "reliable", "reason", "waiting", "steal",
               "clock_ns", "every_pair", "untried", "cores", "declared", "alone", "pairs"});
    MeasuredSmt smt{read_measured_result(json, name), {}};
    for (const JsonReader& row : json["pairs"].elements()) {
        smt.pairs.push_back(read_pair(row));
        expect_pair(row, smt.pairs, smt.cpus);
    }
    return smt;
}

tl::unexpected<Error> failed(const JsonReader::Fault& fault, const std::string& name) {
    return fail(fault.what, name + ": " + fault.pointer,
                fault.hint.empty() ? manual_hint(kSchema) : fault.hint);
}

}  // namespace

Result<MeasuredJitter> parse_measured_jitter(std::string_view text, const std::string& name) {
    const Result<Json> document = parse_document(text, name, kSchema);
    if (!document) return tl::unexpected<Error>(document.error());
    if (const std::string what = what_of(*document); what != "jitter") {
        return other_kind(what, name, "jitter");
    }
    JsonReader::State state;
    const JsonReader json(*document, state);
    json.only({"schema", "what", "source", "cpus", "fingerprint", "reliable", "reason", "waiting", "steal",
               "clock", "threshold_ns", "edges_ns", "jitter"});
    MeasuredJitter jitter;
    jitter.is_reliable = json["reliable"].boolean();
    jitter.fingerprint = measured_fingerprint(json);
    jitter.threshold_ns = measured_number(json["threshold_ns"]);
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

Result<void> add_measured(std::string_view text, const std::string& name, Measured& measured) {
    const Result<Json> document = parse_document(text, name, kSchema);
    if (!document) return tl::unexpected<Error>(document.error());
    const std::string what = what_of(*document);
    const std::pair<const char*, bool> kinds[] = {{"cores", measured.cores.has_value()},
                                                  {"smt", measured.smt.has_value()},
                                                  {"cache", measured.cache.has_value()},
                                                  {"memory", measured.memory.has_value()}};
    const auto kind =
        std::find_if(std::begin(kinds), std::end(kinds), [&](const auto& row) { return row.first == what; });
    if (kind == std::end(kinds)) return other_kind(what, name, "cores, smt, cache or memory");
    if (kind->second) {
        return fail(formatted("there are two results of measure {}", what), name, "give one of each kind",
                    ErrorKind::usage);
    }
    JsonReader::State state;
    const JsonReader json(*document, state);
    Measured read;
    if (what == "cores") read.cores = read_cores(json, name);
    if (what == "smt") read.smt = read_smt(json, name);
    if (what == "cache") read.cache = read_measured_caches(json, name);
    if (what == "memory") read.memory = read_measured_memory(json, name);
    if (state.fault) return failed(*state.fault, name);
    if (read.cores) measured.cores = std::move(read.cores);
    if (read.smt) measured.smt = std::move(read.smt);
    if (read.cache) measured.cache = std::move(read.cache);
    if (read.memory) measured.memory = std::move(read.memory);
    return {};
}

}  // namespace torque
