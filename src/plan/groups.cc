// The scheduling universe: levels from cores to the machine, each a partition of the online CPUs into groups
// of isomorphic things. A level that divides the CPUs exactly as the one below it says nothing new and is
// left out, so that every piece of hardware is described at one level, the lowest: a uniprocessor is the
// single level "core", and a machine with one last-level cache ends at "llc".
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/format.h"
#include "plan/last_level.h"
#include "plan/survey.h"
#include "torque/planner.h"

namespace torque {
namespace {

using planning::LastLevels;

// One instance at one level: its CPUs, and what tells it from others with the same children.
struct Instance {
    CpuSet cpus;
    std::string text;    // shape without `detail`
    std::string detail;  // cache sizes; shown only where shapes would look alike without being alike
};

struct Level {
    const char* name;
    const char* label;                // in shapes
    std::vector<Instance> instances;  // by first CPU
};

std::string size_text(std::uint64_t bytes) {
    for (const auto& [unit, letter] : {std::pair{1U << 20, 'M'}, std::pair{1U << 10, 'K'}}) {
        if (bytes >= unit && bytes % unit == 0) return formatted("{}{}", bytes / unit, letter);
    }
    return formatted("{}B", bytes);
}

// By CPU number the index of the instance that has it, the last of several; -1 for none.
template <class Things>
std::vector<int> owners(const Things& things) {
    std::vector<int> owner;
    for (std::size_t i = 0; i < things.size(); ++i) {
        const CpuSet& cpus = things[i].cpus;
        owner.resize(std::max(owner.size(), static_cast<std::size_t>(cpus.last() + 1)), -1);
        for (int cpu : cpus) owner[static_cast<std::size_t>(cpu)] = static_cast<int>(i);
    }
    return owner;
}

int owner_of(int cpu, const std::vector<int>& owner) {
    return cpu >= 0 && static_cast<std::size_t>(cpu) < owner.size() ? owner[static_cast<std::size_t>(cpu)]
                                                                    : -1;
}

// The levels and sizes of the data and unified caches that serve one core only, nearest first, by core.
using CacheSizes = std::vector<std::pair<int, std::uint64_t>>;
std::vector<CacheSizes> private_caches(const Machine& machine, const std::vector<Core>& cores) {
    const std::vector<int> core_of = owners(cores);
    std::vector<CacheSizes> sizes(cores.size());
    for (const Cache& cache : machine.caches) {
        const int at = owner_of(cache.cpus.first(), core_of);
        if (cache.type == CacheType::instruction || !cache.size_bytes || at < 0) continue;
        const auto core = static_cast<std::size_t>(at);
        if (cores[core].cpus.contains(cache.cpus)) sizes[core].emplace_back(cache.level, *cache.size_bytes);
    }
    for (CacheSizes& of_core : sizes) {
        std::sort(of_core.begin(), of_core.end());
        of_core.erase(std::unique(of_core.begin(), of_core.end()), of_core.end());
    }
    return sizes;
}

std::string caches_text(const CacheSizes& sizes) {
    std::string text;
    for (const auto& [level, bytes] : sizes)
        text += formatted("{}L{} {}", text.empty() ? "" : " ", level, size_text(bytes));
    return text;
}

Level core_level(const Machine& machine, const std::vector<Core>& cores) {
    std::map<int, int> classes;  // class rank to its number among those present
    for (const Core& core : cores) classes.emplace(planning::class_rank(machine, core.type), 0);
    int next = 0;
    for (auto& entry : classes) entry.second = next++;
    const auto caches = private_caches(machine, cores);
    std::map<std::pair<int, int>, std::string> texts;  // by class and threads: cores differ little
    std::map<CacheSizes, std::string> details;
    Level level{"core", "core", {}};
    level.instances.reserve(cores.size());
    for (std::size_t i = 0; i < cores.size(); ++i) {
        const std::pair shape{classes[planning::class_rank(machine, cores[i].type)], cores[i].cpus.count()};
        std::string& text = texts[shape];
        if (text.empty()) text = formatted("core{{class{},{}t", shape.first, shape.second);
        std::string& detail = details[caches[i]];
        if (detail.empty()) detail = caches_text(caches[i]);
        level.instances.push_back({cores[i].cpus, text, detail});
    }
    return level;
}

// Without instances where nothing is known of any last-level cache.
Level llc_level(const Machine& machine) {
    Level level{"llc", "LLC", {}};
    const LastLevels last = planning::last_levels(machine);
    bool any_known = false;
    for (const planning::LastLevel& group : last.groups) {
        any_known = any_known || !group.is_guess;
        std::string detail;
        if (group.cache != nullptr && group.cache->size_bytes) {
            detail = formatted("L{} {}", group.cache->level, size_text(*group.cache->size_bytes));
        }
        level.instances.push_back({group.cpus, {}, std::move(detail)});
    }
    if (!any_known) level.instances.clear();
    return level;
}

template <class Things>
Level listed_level(const char* name, const Things& things, const CpuSet& online) {
    Level level{name, name, {}};
    for (const auto& thing : things) {
        CpuSet cpus = thing.cpus & online;
        if (!cpus.empty()) level.instances.push_back({std::move(cpus), {}, {}});
    }
    std::sort(level.instances.begin(), level.instances.end(),
              [](const Instance& a, const Instance& b) { return a.cpus.first() < b.cpus.first(); });
    return level;
}

// For each instance of `lower` the index of the instance of `upper` that contains it; nothing unless each
// is in exactly one, and all of `upper` is made of them.
std::optional<std::vector<std::size_t>> parents(const Level& lower, const Level& upper) {
    const std::vector<int> owner = owners(upper.instances);
    std::vector<std::size_t> out;
    int cpus_lower = 0;
    for (const Instance& child : lower.instances) {
        const int parent = owner_of(child.cpus.first(), owner);
        if (parent < 0 || !upper.instances[static_cast<std::size_t>(parent)].cpus.contains(child.cpus))
            return std::nullopt;
        out.push_back(static_cast<std::size_t>(parent));
        cpus_lower += child.cpus.count();
    }
    int cpus_upper = 0;  // more than there are CPUs with an owner, where two instances claim one
    for (const Instance& one : upper.instances) cpus_upper += one.cpus.count();
    if (cpus_upper != std::count_if(owner.begin(), owner.end(), [](int at) { return at >= 0; }))
        return std::nullopt;
    if (cpus_lower != cpus_upper) return std::nullopt;
    return out;
}

// Groups instances of one shape, in the order of their first members; fills group_of with each one's group.
SchedulingLevel group(const Level& level, std::vector<std::size_t>& group_of) {
    std::map<std::string_view, std::set<std::string_view>> details;  // by text
    for (const Instance& one : level.instances) details[one.text].insert(one.detail);
    SchedulingLevel out{level.name, {}};
    std::map<std::pair<std::string_view, std::string_view>, std::size_t> known;
    group_of.clear();
    for (const Instance& one : level.instances) {
        const auto [found, is_new] = known.try_emplace({one.text, one.detail}, out.groups.size());
        if (is_new) {
            const bool ambiguous = details[one.text].size() > 1 && !one.detail.empty();
            out.groups.push_back({one.text + (ambiguous ? "," + one.detail : "") + "}", 0, {}});
        }
        SchedulingGroup& home = out.groups[found->second];
        ++home.count;
        home.cpus.push_back(one.cpus);
        group_of.push_back(found->second);
    }
    return out;
}

// Writes each instance's shape as the multiset of its children's, in the order of the children's groups.
void compose(Level& level, const SchedulingLevel& below, const std::vector<std::size_t>& group_of,
             const std::vector<std::size_t>& parent_of) {
    std::vector<std::map<std::size_t, int>> children(level.instances.size());
    for (std::size_t i = 0; i < parent_of.size(); ++i) ++children[parent_of[i]][group_of[i]];
    for (std::size_t i = 0; i < level.instances.size(); ++i) {
        std::string text = formatted("{}{{", level.label);
        const char* separator = "";
        for (const auto& [child, count] : children[i]) {
            text += formatted("{}{}*{}", separator, count, below.groups[child].shape);
            separator = " + ";
        }
        level.instances[i].text = std::move(text);
    }
}

}  // namespace

std::vector<SchedulingLevel> scheduling_groups(const Machine& machine) {
    const std::vector<Core> cores = planning::online_cores(machine);
    if (cores.empty()) return {};
    CpuSet online;
    for (const Core& core : cores) online |= core.cpus;

    std::vector<Level> uppers;
    uppers.push_back(llc_level(machine));
    uppers.push_back(listed_level("node", machine.nodes, online));
    uppers.push_back(listed_level("package", machine.packages, online));
    uppers.push_back({"machine", "machine", {{online, {}, {}}}});
    // Usually a node holds several caches, but it may be a part of one (sub-NUMA clusters), and a package may
    // be a part of a node (memory interleaved over sockets): finer levels come first.
    std::stable_sort(uppers.begin(), uppers.end(),
                     [](const Level& a, const Level& b) { return a.instances.size() > b.instances.size(); });

    std::vector<SchedulingLevel> out;
    std::vector<std::size_t> group_of;
    Level lower = core_level(machine, cores);
    out.push_back(group(lower, group_of));
    for (Level& upper : uppers) {
        const auto parent_of = parents(lower, upper);
        const bool is_same = upper.instances.size() == lower.instances.size();
        if (!parent_of || is_same) continue;
        compose(upper, out.back(), group_of, *parent_of);
        out.push_back(group(upper, group_of));
        lower = std::move(upper);
    }
    return out;
}

}  // namespace torque
