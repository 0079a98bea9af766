#include "plan/offline.h"

#include <algorithm>
#include <map>
#include <optional>

namespace torque::planning {
namespace {

// How the CPU numbers of a whole core lie: {0, 1} for neighbours, {0, 64} for siblings 64 apart.
struct Pattern {
    std::vector<int> offsets;
    int first_modulo = 0;  // first CPU modulo the number of threads, where threads are neighbours
    bool known = false;
    bool uniform = true;  // all whole cores agree
};

std::vector<int> offsets_of(const CpuSet& cpus) {
    std::vector<int> offsets;
    const int first = cpus.first();
    for (int cpu : cpus) offsets.push_back(cpu - first);
    return offsets;
}

bool are_neighbours(const std::vector<int>& offsets) {
    return offsets.back() == static_cast<int>(offsets.size()) - 1;
}

using TypeKey = std::optional<TypeId>;

// The pattern of each type of core, from its cores with the most threads.
std::map<TypeKey, Pattern> patterns_of(const std::vector<Core>& cores) {
    std::map<TypeKey, int> threads_max;
    for (const Core& core : cores) {
        int& most = threads_max[core.type];
        most = std::max(most, core.cpus.count());
    }
    std::map<TypeKey, Pattern> patterns;
    for (const Core& core : cores) {
        if (core.cpus.empty() || core.cpus.count() < threads_max[core.type]) continue;
        Pattern& pattern = patterns[core.type];
        const std::vector<int> offsets = offsets_of(core.cpus);
        const int modulo = are_neighbours(offsets) ? core.cpus.first() % static_cast<int>(offsets.size()) : 0;
        if (!pattern.known) {
            pattern = {offsets, modulo, true, true};
        } else if (pattern.offsets != offsets || pattern.first_modulo != modulo) {
            pattern.uniform = false;
        }
    }
    return patterns;
}

// The offline CPUs that complete `core` to the pattern; nothing unless there is exactly one way.
std::optional<CpuSet> missing_threads(const Core& core, const Pattern& pattern, const CpuSet& offline) {
    const int threads = static_cast<int>(pattern.offsets.size());
    std::optional<CpuSet> found;
    for (int offset : pattern.offsets) {
        const int first = core.cpus.first() - offset;
        if (first < 0 || (are_neighbours(pattern.offsets) && first % threads != pattern.first_modulo))
            continue;
        CpuSet whole;
        for (int step : pattern.offsets) whole.add(first + step);
        const CpuSet missing = whole - core.cpus;
        if (!whole.contains(core.cpus) || !offline.contains(missing)) continue;
        if (found) return std::nullopt;
        found = missing;
    }
    return found;
}

}  // namespace

OfflineSiblings place_offline(const Machine& machine, const std::vector<Core>& cores) {
    OfflineSiblings out;
    out.of_core.resize(cores.size());
    for (const Cpu& cpu : machine.cpus) {
        if (!cpu.online) out.unplaced.add(cpu.id);
    }
    if (out.unplaced.empty()) return out;

    // Without a whole core of two threads or more there is no evidence.
    const auto patterns = patterns_of(cores);
    std::map<int, std::vector<std::size_t>> claims;  // offline CPU to the cores that could own it
    for (std::size_t i = 0; i < cores.size(); ++i) {
        const auto pattern = patterns.find(cores[i].type);
        if (cores[i].cpus.empty() || pattern == patterns.end() || !pattern->second.uniform) continue;
        if (cores[i].cpus.count() >= static_cast<int>(pattern->second.offsets.size())) continue;
        const auto missing = missing_threads(cores[i], pattern->second, out.unplaced);
        if (!missing) continue;
        out.of_core[i] = *missing;
        for (int cpu : *missing) claims[cpu].push_back(i);
    }
    CpuSet contested;
    for (const auto& [cpu, claimants] : claims) {
        if (claimants.size() > 1) contested.add(cpu);
    }
    for (CpuSet& missing : out.of_core) {
        if (missing.intersects(contested)) missing = {};
        out.unplaced -= missing;
    }
    return out;
}

}  // namespace torque::planning
