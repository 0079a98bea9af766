#include "plan/last_level.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace torque::planning {
namespace {

// Where a CPU's group comes from, and which one it is; equal keys are one group.
struct Origin {
    enum Kind { none, cache, cluster, package, machine } kind = none;
    int id = 0;  // index into Machine::caches, or the cluster's or package's number
    bool operator<(const Origin& other) const { return std::tie(kind, id) < std::tie(other.kind, other.id); }
};

// For each CPU number the index of the highest cache that lists it, -1 for none.
std::vector<int> highest_cache(const Machine& machine, int cpus_max) {
    std::vector<int> highest(static_cast<std::size_t>(cpus_max), -1);
    for (std::size_t i = 0; i < machine.caches.size(); ++i) {
        const Cache& cache = machine.caches[i];
        if (cache.level < 2 || cache.type == CacheType::instruction) continue;
        for (int cpu : cache.cpus) {
            if (cpu >= cpus_max) break;
            int& best = highest[static_cast<std::size_t>(cpu)];
            const Cache* known = best < 0 ? nullptr : &machine.caches[static_cast<std::size_t>(best)];
            // Two caches of one level on one CPU contradict each other; the order of the list must not
            // decide.
            if (known == nullptr || std::tie(known->level, known->cpus) < std::tie(cache.level, cache.cpus)) {
                best = static_cast<int>(i);
            }
        }
    }
    return highest;
}

Origin origin_of(const Cpu& cpu, int cache) {
    if (cache >= 0) return {Origin::cache, cache};
    if (cpu.cluster) return {Origin::cluster, cpu.cluster->value};
    if (cpu.package) return {Origin::package, cpu.package->value};
    return {Origin::machine, 0};
}

}  // namespace

LastLevels last_levels(const Machine& machine) {
    int cpus_max = 0;
    for (const Cpu& cpu : machine.cpus) {
        if (cpu.id.value <= CpuSet::kMaxCpu) cpus_max = std::max(cpus_max, cpu.id.value + 1);
    }
    const std::vector<int> highest = highest_cache(machine, cpus_max);

    std::map<Origin, CpuSet> sets;
    for (const Cpu& cpu : machine.cpus) {
        if (!cpu.online || cpu.id.value < 0 || cpu.id.value >= cpus_max) continue;
        sets[origin_of(cpu, highest[static_cast<std::size_t>(cpu.id.value)])].add(cpu.id);
    }
    LastLevels out;
    for (const auto& [origin, cpus] : sets) {
        const bool is_cache = origin.kind == Origin::cache;
        out.groups.push_back({cpus, is_cache ? &machine.caches[static_cast<std::size_t>(origin.id)] : nullptr,
                              origin.kind == Origin::package || origin.kind == Origin::machine});
    }
    std::sort(out.groups.begin(), out.groups.end(),
              [](const LastLevel& a, const LastLevel& b) { return a.cpus.first() < b.cpus.first(); });
    out.of_cpu.assign(static_cast<std::size_t>(cpus_max), -1);
    for (std::size_t i = 0; i < out.groups.size(); ++i) {
        for (int cpu : out.groups[i].cpus) out.of_cpu[static_cast<std::size_t>(cpu)] = static_cast<int>(i);
    }
    return out;
}

}  // namespace torque::planning
