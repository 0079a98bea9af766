#include "machine/findings_measured.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/cpu_groups.h"
#include "base/format.h"
#include "machine/findings_checks.h"
#include "machine/findings_measured_parts.h"

namespace torque {
namespace {

using findings::source_of;

using Pairs = std::vector<std::pair<int, int>>;

// By CPU number; -1 for CPUs of no core.
std::vector<int> cores_of_cpus(const Machine& machine, const CpuSet& cpus) {
    std::vector<int> cores(static_cast<std::size_t>(cpus.last() + 1), -1);
    for (std::size_t i = 0; i < machine.cores.size(); ++i) {
        for (const int cpu : machine.cores[i].cpus& cpus)
            cores[static_cast<std::size_t>(cpu)] = static_cast<int>(i);
    }
    return cores;
}

// Gives the result if it can be relied upon; else it becomes one of those that cannot.
template <class Result>
const Result* reliable(const char* kind, const std::optional<Result>& result, std::string& kinds,
                       std::vector<std::string>& files) {
    if (!result || result->is_reliable) return result ? &*result : nullptr;
    kinds += (kinds.empty() ? "" : ", ") + std::string(kind);
    files.push_back(result->file);
    return nullptr;
}

void find_hidden_threads(const MeasuredSmt& smt, Machine& machine) {
    const std::vector<int> cores = cores_of_cpus(machine, smt.cpus);
    Pairs hidden, apart;
    bool is_sure = true;
    for (const MeasuredPair& pair : smt.pairs) {
        const int core = cores[static_cast<std::size_t>(pair.a)];
        const bool is_claimed = core >= 0 && core == cores[static_cast<std::size_t>(pair.b)];
        if (pair.is_shared && !is_claimed) {
            hidden.emplace_back(pair.a, pair.b);
            is_sure = is_sure && pair.is_sure;
        }
        if (pair.is_apart && is_claimed && pair.is_sure) apart.emplace_back(pair.a, pair.b);
    }
    const std::string claim = source_of(machine, "cores", "the machine's claims");
    if (!hidden.empty()) {
        machine.findings.push_back(
            {"measured-smt-hidden",
             Severity::warning,
             formatted(
                 "CPUs slow each other down as threads of one core {}, and are said to be cores of their "
                 "own: {}",
                 is_sure ? "do" : "are likely to", groups_text(connected(hidden))),
             "plan with --measured, or have the hypervisor pass the threads on",
             {smt.file, claim}});
    }
    if (!apart.empty()) {
        machine.findings.push_back(
            {"measured-smt-apart",
             Severity::warning,
             formatted(
                 "CPUs are said to be threads of one core, and are as fast beside each other as alone: {}",
                 groups_text(connected(apart))),
             "virtual CPUs that are not bound share no core for long: have the hypervisor bind them",
             {smt.file, claim}});
    }
}

void find_other_groups(const MeasuredCores& cores, Machine& machine) {
    for (const MeasuredLevel& level : cores.levels) {
        if (level.is_only_first || claims_groups(machine, level.groups, cores.cpus)) continue;
        machine.findings.push_back(
            {"measured-groups-differ",
             Severity::warning,
             formatted(
                 "by latencies of {:.0f} ns among each other and {:.0f} ns beyond, CPUs belong together "
                 "that no core, cache, package or node has so: {}",
                 level.latency_ns, level.apart_ns, groups_text(level.groups)),
             "plan with --measured; where a few CPUs alone stand out, measure again",
             {cores.file, source_of(machine, "caches", "the machine's claims")}});
        return;  // the next level is made of these groups
    }
}

}  // namespace

void find_measured_differences(const Measured& measured, Machine& machine) {
    std::string busy;
    std::vector<std::string> busy_files;
    const auto* smt = reliable("smt", measured.smt, busy, busy_files);
    const auto* cores = reliable("cores", measured.cores, busy, busy_files);
    const auto* cache = reliable("cache", measured.cache, busy, busy_files);
    const auto* memory = reliable("memory", measured.memory, busy, busy_files);
    if (!busy.empty()) {
        machine.findings.push_back(
            {"measured-unreliable", Severity::warning,
             formatted("the machine was too busy when it was measured, and what was found is left out: {}",
                       busy),
             "measure again when less runs there", std::move(busy_files)});
    }
    if (smt != nullptr) find_hidden_threads(*smt, machine);
    if (cores != nullptr) find_other_groups(*cores, machine);
    if (cache != nullptr) findings::find_other_sizes(*cache, machine);
    if (memory != nullptr) findings::find_other_memory(*memory, machine);
}

}  // namespace torque
