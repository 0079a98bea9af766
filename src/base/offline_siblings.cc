#include "base/offline_siblings.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

namespace torque {
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

// Bits of the APIC id that tell the threads of a core apart: as many as it takes for the ids of every core to
// agree above them, and for those of no two cores to. Absent where some id is unknown or there is no such
// number.
std::optional<int> thread_bits(const std::map<int, const Cpu*>& cpus, const std::vector<Core>& cores) {
    constexpr int kThreadBitsMax = 4;
    for (int bits = 0; bits <= kThreadBitsMax; ++bits) {
        std::map<std::uint32_t, std::size_t> owners;
        bool fits = true;
        for (std::size_t i = 0; i < cores.size() && fits; ++i) {
            for (int cpu : cores[i].cpus) {
                const auto known = cpus.find(cpu);
                if (known == cpus.end() || !known->second->apic_id) return std::nullopt;
                fits = fits && owners.try_emplace(*known->second->apic_id >> bits, i).first->second == i;
            }
            // One number more would be a second core.
            fits = fits && owners.size() <= i + 1;
        }
        if (fits) return bits;
    }
    return std::nullopt;
}

// Gives offline CPUs to the cores that the machine's own data names, and returns those that it says nothing
// of.
CpuSet place_known(const Machine& machine, const std::vector<Core>& cores, OfflineSiblings& out) {
    CpuSet untold;
    std::map<int, const Cpu*> cpus;
    for (const Cpu& cpu : machine.cpus) cpus.emplace(cpu.id.value, &cpu);
    const std::optional<int> bits = thread_bits(cpus, cores);
    std::map<std::uint32_t, std::size_t> by_apic_id;
    for (std::size_t i = 0; bits && i < cores.size(); ++i) {
        if (cores[i].cpus.empty()) continue;
        by_apic_id.emplace(*cpus.at(cores[i].cpus.first())->apic_id >> *bits, i);
    }
    for (const Cpu& cpu : machine.cpus) {
        if (cpu.online) continue;
        auto core = std::find_if(cores.begin(), cores.end(), [&](const Core& c) { return cpu.core == c.id; });
        if (core == cores.end() && bits && cpu.apic_id) {
            const auto owner = by_apic_id.find(*cpu.apic_id >> *bits);
            if (owner != by_apic_id.end()) core = cores.begin() + static_cast<std::ptrdiff_t>(owner->second);
        }
        if (core == cores.end()) {
            // By an APIC id that fits no core it is a thread of none.
            if (!bits || !cpu.apic_id) untold.add(cpu.id);
            continue;
        }
        out.of_core[static_cast<std::size_t>(core - cores.begin())].add(cpu.id);
        out.known.add(cpu.id);
    }
    return untold;
}

}  // namespace

OfflineSiblings place_offline(const Machine& machine, const std::vector<Core>& cores) {
    OfflineSiblings out;
    out.of_core.resize(cores.size());
    for (const Cpu& cpu : machine.cpus) {
        if (!cpu.online) out.unplaced.add(cpu.id);
    }
    if (out.unplaced.empty()) return out;
    const CpuSet untold = place_known(machine, cores, out);
    out.unplaced -= out.known;

    // Without a whole core of two threads or more there is no evidence.
    const auto patterns = patterns_of(cores);
    std::map<int, std::vector<std::size_t>> claims;  // offline CPU to the cores that could own it
    for (std::size_t i = 0; i < cores.size(); ++i) {
        const auto pattern = patterns.find(cores[i].type);
        if (cores[i].cpus.empty() || pattern == patterns.end() || !pattern->second.uniform) continue;
        if (!out.of_core[i].empty()) continue;
        if (cores[i].cpus.count() >= static_cast<int>(pattern->second.offsets.size())) continue;
        const auto missing = missing_threads(cores[i], pattern->second, untold);
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

}  // namespace torque
