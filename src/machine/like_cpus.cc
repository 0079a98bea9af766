#include "machine/like_cpus.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace torque {
namespace {

struct Kind {
    const CpuInfo* info = nullptr;
    std::size_t pmu = 0;
    std::optional<int> capacity;
    std::optional<std::uint64_t> max_khz;
};

bool is_same_make(const CpuInfo* a, const CpuInfo* b) {
    if (a == nullptr || b == nullptr) return a == b;
    return a->vendor == b->vendor && a->brand == b->brand && a->family == b->family && a->model == b->model &&
           a->stepping == b->stepping;
}

bool is_same(const Kind& a, const Kind& b) {
    return a.pmu == b.pmu && a.capacity == b.capacity && a.max_khz == b.max_khz &&
           is_same_make(a.info, b.info);
}

std::vector<std::pair<int, const CpuInfo*>> by_cpu(const std::vector<CpuInfo>& info) {
    std::vector<std::pair<int, const CpuInfo*>> sorted;
    for (const CpuInfo& cpu : info) sorted.emplace_back(cpu.cpu, &cpu);
    std::sort(sorted.begin(), sorted.end());
    return sorted;
}

}  // namespace

std::vector<CpuSet> like_cpus(const SysfsCpuFacts& facts, const std::vector<CpuInfo>& info) {
    const auto infos = by_cpu(info);
    std::vector<CpuSet> sets;
    std::vector<Kind> kinds;
    for (const SysfsCpu& cpu : facts.cpus) {
        Kind kind;
        const auto about = std::lower_bound(infos.begin(), infos.end(), cpu.id,
                                            [](const auto& entry, int id) { return entry.first < id; });
        if (about != infos.end() && about->first == cpu.id) kind.info = about->second;
        const auto pmu = std::find_if(facts.core_types.begin(), facts.core_types.end(),
                                      [&](const SysfsCoreType& type) { return type.cpus.contains(cpu.id); });
        kind.pmu = static_cast<std::size_t>(pmu - facts.core_types.begin());
        kind.capacity = cpu.capacity;
        kind.max_khz = cpu.max_khz;
        const auto known =
            std::find_if(kinds.begin(), kinds.end(), [&](const Kind& other) { return is_same(kind, other); });
        sets.resize(std::max(sets.size(), static_cast<std::size_t>(known - kinds.begin()) + 1));
        sets[static_cast<std::size_t>(known - kinds.begin())].add(cpu.id);
        if (known == kinds.end()) kinds.push_back(kind);
    }
    return sets;
}

}  // namespace torque
