#include "plan/measured.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "base/cpu_groups.h"
#include "base/format.h"
#include "torque/planner.h"

namespace torque::planning {
namespace {

using Groups = std::vector<CpuSet>;

constexpr const char* kRule = "measured";

const Core* core_of(const Machine& machine, int cpu) {
    const auto core = std::find_if(machine.cores.begin(), machine.cores.end(),
                                   [&](const Core& row) { return row.cpus.contains(cpu); });
    return core == machine.cores.end() ? nullptr : &*core;
}

// Makes one core of all that the group touches, with the first one's number.
void merge_cores(const CpuSet& group, Machine& machine) {
    const auto touched =
        std::stable_partition(machine.cores.begin(), machine.cores.end(),
                              [&](const Core& core) { return !core.cpus.intersects(group); });
    if (touched == machine.cores.end()) {
        Core core;
        for (const Core& known : machine.cores) core.id.value = std::max(core.id.value, known.id.value + 1);
        core.cpus = group;
        machine.cores.push_back(core);
        return;
    }
    std::sort(touched, machine.cores.end(), [](const Core& a, const Core& b) { return a.id < b.id; });
    const CoreId id = touched->id;
    touched->cpus |= group;
    for (auto other = std::next(touched); other != machine.cores.end(); ++other) {
        touched->cpus |= other->cpus;
        for (Cpu& cpu : machine.cpus) {
            if (cpu.core == other->id) cpu.core = id;  // its offline CPUs with it
        }
    }
    const CpuSet cpus = touched->cpus;
    machine.cores.erase(std::next(touched), machine.cores.end());
    std::sort(machine.cores.begin(), machine.cores.end(),
              [](const Core& a, const Core& b) { return a.id < b.id; });
    int thread = 0;
    for (Cpu& cpu : machine.cpus) {
        if (!cpus.contains(cpu.id)) continue;
        cpu.core = id;
        cpu.smt = thread++;
    }
}

void regroup_cores(const MeasuredSmt& smt, Regrouped& all) {
    std::vector<std::pair<int, int>> hidden, doubtful;
    for (const MeasuredPair& pair : smt.pairs) {
        if (!pair.is_shared) continue;
        const Core* core = core_of(all.machine, pair.a);
        if (core == nullptr || !core->cpus.contains(pair.b))
            (pair.is_sure ? hidden : doubtful).emplace_back(pair.a, pair.b);
    }
    if (!doubtful.empty()) {
        all.warnings.push_back(formatted("{} may be threads of one core, which is not sure enough to plan by",
                                         groups_text(connected(doubtful))));
    }
    const Groups cores = connected(hidden);
    if (cores.empty()) return;
    for (const CpuSet& core : cores) merge_cores(core, all.machine);
    all.decisions.push_back(
        {kRule, formatted("CPUs that slow each other down as threads do are taken as one core, which the "
                          "machine does not say: {}",
                          groups_text(cores))});
    all.warnings.push_back(
        formatted("the machine hides that CPUs share a core: {}; the plan goes by what was "
                  "measured",
                  groups_text(cores)));
}

bool is_data(const Cache& cache, int level) {
    return cache.level == level && cache.type != CacheType::instruction;
}

bool is_guest(const Machine& machine) {
    return std::any_of(machine.findings.begin(), machine.findings.end(),
                       [](const Finding& finding) { return finding.id.starts_with("vm-"); });
}

// The one size that all level 3 caches have.
std::optional<std::uint64_t> claimed_size(const Machine& machine) {
    std::optional<std::uint64_t> size;
    for (const Cache& cache : machine.caches) {
        if (!is_data(cache, 3)) continue;
        if (!cache.size_bytes || (size && *size != *cache.size_bytes)) return std::nullopt;
        size = cache.size_bytes;
    }
    return size;
}

void replace_last_level(const Groups& groups, const CpuSet& measured, Machine& machine) {
    const auto size_bytes = claimed_size(machine);
    for (Cache& cache : machine.caches) {
        if (cache.level >= 3) cache.cpus -= measured;
    }
    machine.caches.erase(std::remove_if(machine.caches.begin(), machine.caches.end(),
                                        [](const Cache& cache) { return cache.cpus.empty(); }),
                         machine.caches.end());
    for (const CpuSet& group : groups) {
        Cache cache;
        cache.level = 3;
        cache.size_bytes = size_bytes;
        cache.cpus = group;
        machine.caches.push_back(std::move(cache));
    }
}

void regroup_caches(const MeasuredCores& cores, Regrouped& all) {
    const auto level = std::find_if(cores.levels.begin(), cores.levels.end(), [](const MeasuredLevel& row) {
        return row.likely == "llc" && !row.is_only_first;
    });
    if (level == cores.levels.end()) return;
    if (claims_groups(all.machine, level->groups, cores.cpus)) return;
    const std::string named = groups_text(level->groups);
    if (!is_guest(all.machine)) {
        all.warnings.push_back(
            formatted("latencies show groups of CPUs that the machine does not have: {}; "
                      "the machine is believed, for it is no guest",
                      named));
        return;
    }
    replace_last_level(level->groups, cores.cpus, all.machine);
    all.decisions.push_back(
        {kRule, formatted("groups of CPUs by latency ({:.0f} ns, {:.0f} ns beyond) are taken as last-level "
                          "caches, for no cache that the hypervisor claims has them: {}",
                          level->latency_ns, level->apart_ns, named)});
    all.warnings.push_back(
        formatted("the hypervisor's caches are not those that were measured: {}; the plan goes by what was "
                  "measured",
                  named));
}

void leave_out(const char* kind, Regrouped& all) {
    all.warnings.push_back(
        formatted("the result of measure {} says that it is not reliable, and is left out", kind));
}

void ignore(const char* kind, Regrouped& all) {
    all.warnings.push_back(
        formatted("plans do not go by the result of measure {}: 'torque-topo show --measured' tells what "
                  "differs",
                  kind));
}

}  // namespace

Regrouped regroup(const Machine& claimed, const Measured& measured) {
    Regrouped all{claimed, {}, {}};
    if (measured.smt) measured.smt->is_reliable ? regroup_cores(*measured.smt, all) : leave_out("smt", all);
    if (measured.cores)
        measured.cores->is_reliable ? regroup_caches(*measured.cores, all) : leave_out("cores", all);
    if (measured.cache) ignore("cache", all);
    if (measured.memory) ignore("memory", all);
    if (!all.decisions.empty()) all.machine.groups.clear();  // they follow from the rest
    return all;
}

Result<Layout> plan_measured(const Machine& claimed, const Measured& measured, const Profile& profile,
                             const Request& request) {
    const Regrouped regrouped = regroup(claimed, measured);
    Result<Layout> layout = plan(regrouped.machine, profile, request);
    if (!layout) return layout;
    for (Worker& worker : layout->workers) {
        const Core* core = core_of(claimed, worker.cpu.value);
        if (core == nullptr) continue;
        worker.core = core->id;
        worker.siblings = core->cpus;
        worker.siblings.remove(worker.cpu.value);
    }
    layout->decisions.insert(layout->decisions.begin(), regrouped.decisions.begin(),
                             regrouped.decisions.end());
    layout->warnings.insert(layout->warnings.begin(), regrouped.warnings.begin(), regrouped.warnings.end());
    return layout;
}

}  // namespace torque::planning
