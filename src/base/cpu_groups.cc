#include "base/cpu_groups.h"

#include <algorithm>

namespace torque {
namespace {

constexpr std::size_t kGroupsNamed = 4;

template <class Row>
std::vector<CpuSet> among(const std::vector<Row>& rows, const CpuSet& cpus) {
    std::vector<CpuSet> groups;
    for (const Row& row : rows) {
        CpuSet here = row.cpus & cpus;
        if (!here.empty()) groups.push_back(std::move(here));
    }
    std::sort(groups.begin(), groups.end());
    return groups;
}

std::vector<Cache> caches_of(const Machine& machine, int level) {
    std::vector<Cache> caches;
    for (const Cache& cache : machine.caches) {
        if (cache.level == level && cache.type != CacheType::instruction) caches.push_back(cache);
    }
    return caches;
}

}  // namespace

std::vector<CpuSet> connected(const std::vector<std::pair<int, int>>& pairs) {
    std::vector<CpuSet> groups;
    for (const auto& pair : pairs) {
        CpuSet group{pair.first, pair.second};
        const auto touching = std::stable_partition(
            groups.begin(), groups.end(), [&](const CpuSet& other) { return !other.intersects(group); });
        for (auto other = touching; other != groups.end(); ++other) group |= *other;
        groups.erase(touching, groups.end());
        groups.push_back(std::move(group));
    }
    std::sort(groups.begin(), groups.end(),
              [](const CpuSet& a, const CpuSet& b) { return a.first() < b.first(); });
    return groups;
}

std::string groups_text(const std::vector<CpuSet>& groups) {
    std::string text;
    for (std::size_t i = 0; i < std::min(groups.size(), kGroupsNamed); ++i) {
        text += (i == 0 ? "" : " ") + groups[i].list();
    }
    if (groups.size() > kGroupsNamed)
        text += " and " + std::to_string(groups.size() - kGroupsNamed) + " more";
    return text;
}

bool claims_groups(const Machine& machine, std::vector<CpuSet> groups, const CpuSet& cpus) {
    std::sort(groups.begin(), groups.end());
    if (groups == among(machine.cores, cpus) || groups == among(machine.clusters, cpus) ||
        groups == among(machine.dies, cpus) || groups == among(machine.packages, cpus) ||
        groups == among(machine.nodes, cpus))
        return true;
    for (int level = 1; level <= 4; ++level) {
        if (groups == among(caches_of(machine, level), cpus)) return true;
    }
    return false;
}

}  // namespace torque
