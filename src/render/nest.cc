#include "render/nest.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace torque {
namespace {

// Real machines have some eight levels. Bounds the recursion over what a hostile document nests.
constexpr int kDepthMax = 24;

// Ordered as the sets alone are; the first CPU beside each tells most of them apart at once.
using Key = std::pair<int, CpuSet>;

struct ByCpus {
    CpuSet online;
    std::map<Key, Thing> groups;
    std::map<Key, Thing> cores;

    // The thing with those CPUs; null when none is online.
    Thing* group(const CpuSet& cpus) { return find(cpus, groups); }
    Thing* core(const CpuSet& cpus) { return find(cpus, cores); }

  private:
    Thing* find(const CpuSet& cpus, std::map<Key, Thing>& in) {
        CpuSet own = cpus & online;
        if (own.empty()) return nullptr;
        const int first = own.first();
        const auto [found, is_new] = in.try_emplace(Key(first, std::move(own)));
        Thing& thing = found->second;
        if (is_new) {
            thing.cpus = found->first.second;
            thing.size = thing.cpus.count();
        }
        return &thing;
    }
};

// Some kernels number a die for each core, which says nothing.
bool is_of_one_core(const CpuSet& cpus, const std::map<int, CoreId>& core_of) {
    const auto first = core_of.find(cpus.first());
    if (first == core_of.end()) return false;
    return std::all_of(cpus.begin(), cpus.end(), [&](int cpu) {
        const auto found = core_of.find(cpu);
        return found != core_of.end() && found->second == first->second;
    });
}

ByCpus gather(const Machine& machine, const CpuSet& online) {
    ByCpus by{online, {}, {}};
    for (const Package& package : machine.packages) {
        if (Thing* thing = by.group(package.cpus)) thing->packages.push_back(package.id);
    }
    std::map<int, CoreId> core_of;
    for (const Core& core : machine.cores) {
        for (int cpu : core.cpus) core_of.emplace(cpu, core.id);
    }
    for (const Die& die : machine.dies) {
        if (is_of_one_core(die.cpus, core_of)) continue;
        if (Thing* thing = by.group(die.cpus)) thing->dies.push_back(die.id);
    }
    for (const Node& node : machine.nodes) {
        if (Thing* thing = by.group(node.cpus)) thing->nodes.push_back(&node);
    }
    for (const Cluster& cluster : machine.clusters) {
        if (Thing* thing = by.group(cluster.cpus)) ++thing->clusters;
    }
    for (const Cache& cache : machine.caches) {
        if (Thing* thing = by.group(cache.cpus)) thing->caches.push_back(&cache);
    }
    for (const Core& core : machine.cores) {
        Thing* thing = by.core(core.cpus);
        if (thing != nullptr && thing->core == nullptr) thing->core = &core;
    }
    return by;
}

// A core takes the caches that are its own. A last-level cache that is all of a package stays outside.
void move_private_caches(ByCpus& by) {
    for (auto& [key, core] : by.cores) {
        const auto found = by.groups.find(key);
        if (found == by.groups.end()) continue;
        Thing& group = found->second;
        const bool is_place = !group.packages.empty() || !group.dies.empty() || !group.nodes.empty();
        const auto stays = [&](const Cache* cache) { return is_place && cache->level >= 3; };
        for (const Cache* cache : group.caches) {
            if (!stays(cache)) core.caches.push_back(cache);
        }
        std::erase_if(group.caches, [&](const Cache* cache) { return !stays(cache); });
        group.clusters = 0;
        if (!is_place) by.groups.erase(found);
    }
}

int rank(const Thing& thing) {
    if (!thing.packages.empty()) return 0;
    if (!thing.nodes.empty()) return 1;
    if (!thing.dies.empty()) return 2;
    if (thing.core != nullptr) return 3;
    return thing.caches.empty() ? 5 : 4;
}

std::vector<Thing> largest_first(ByCpus by) {
    std::vector<Thing> out;
    for (auto* map : {&by.groups, &by.cores}) {
        for (auto& [key, thing] : *map) out.push_back(std::move(thing));
    }
    std::stable_sort(out.begin(), out.end(), [](const Thing& a, const Thing& b) {
        return std::tuple(-a.size, rank(a)) < std::tuple(-b.size, rank(b));
    });
    return out;
}

class Builder {
  public:
    explicit Builder(const CpuSet& online) : innermost_(static_cast<std::size_t>(online.last() + 1), 0) {
        nesting_.things.emplace_back();
        nesting_.things[0].cpus = online;
        nesting_.things[0].size = online.count();
    }

    // As the things come largest first, this one lies in the tree exactly if the innermost thing so far is
    // the same for all of its CPUs.
    void add(Thing thing) {
        const int parent = at(thing.cpus.first());
        bool lies_in = parent >= 0 && depth(parent) < kDepthMax;
        for (int cpu : thing.cpus) lies_in = lies_in && at(cpu) == parent;
        if (!lies_in) {
            nesting_.aside.push_back(std::move(thing));
            return;
        }
        const int index = static_cast<int>(nesting_.things.size());
        // A thread's own first-level caches are left to the table of caches.
        const auto is_small = [](const Cache* cache) { return cache->level < 2; };
        const bool is_in_core = nesting_.things[static_cast<std::size_t>(parent)].core != nullptr;
        if (is_in_core && rank(thing) >= 4 && std::all_of(thing.caches.begin(), thing.caches.end(), is_small))
            return;
        thing.depth = depth(parent) + 1;
        for (int cpu : thing.cpus) at(cpu) = index;
        nesting_.things[static_cast<std::size_t>(parent)].children.push_back(index);
        nesting_.things.push_back(std::move(thing));
    }

    // CPUs that no core claims become leaves, with the caches that are theirs alone.
    Nesting finish() && {
        const CpuSet online = nesting_.things[0].cpus;  // a copy, as `things` grows
        for (int cpu : online) {
            const auto parent = static_cast<std::size_t>(at(cpu));
            Thing& own = nesting_.things[parent];
            if (own.core != nullptr) continue;
            if (parent != 0 && own.size == 1 && rank(own) >= 3) {
                own.is_cpu = true;
                continue;
            }
            Thing leaf;
            leaf.cpus.add(cpu);
            leaf.size = 1;
            leaf.is_cpu = true;
            leaf.depth = own.depth + 1;
            own.children.push_back(static_cast<int>(nesting_.things.size()));
            nesting_.things.push_back(std::move(leaf));
        }
        auto& things = nesting_.things;
        for (Thing& thing : things) {
            std::sort(thing.children.begin(), thing.children.end(), [&](int a, int b) {
                return things[static_cast<std::size_t>(a)].cpus.first() <
                       things[static_cast<std::size_t>(b)].cpus.first();
            });
            std::stable_sort(thing.caches.begin(), thing.caches.end(),
                             [](const Cache* a, const Cache* b) { return a->level > b->level; });
        }
        return std::move(nesting_);
    }

  private:
    int& at(int cpu) { return innermost_[static_cast<std::size_t>(cpu)]; }
    int depth(int thing) const { return nesting_.things[static_cast<std::size_t>(thing)].depth; }

    Nesting nesting_;
    std::vector<int> innermost_;  // by CPU number: the smallest thing that has it
};

}  // namespace

Nesting nest(const Machine& machine) {
    CpuSet online;
    for (const Cpu& cpu : machine.cpus) {
        if (cpu.online) online.add(cpu.id);
    }
    ByCpus by = gather(machine, online);
    move_private_caches(by);
    Builder builder(online);
    for (Thing& thing : largest_first(std::move(by))) builder.add(std::move(thing));
    return std::move(builder).finish();
}

}  // namespace torque
