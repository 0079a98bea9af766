#include "machine/findings_hwloc.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "machine/findings_checks.h"

namespace torque {
namespace {

using findings::counted;
using findings::cpus_text;
using findings::sets_among;

constexpr const char* kFact = "as hwloc sees it";

// What both sides say of one kind of thing.
struct Kind {
    std::string thing;  // "core", "L2 unified cache": singular
    const char* fact;   // in provenance
    const char* hint;
    std::vector<CpuSet> ours, theirs;
};

std::string hwloc_name(const Machine& hwloc) {
    const std::string source = findings::source_of(hwloc, "everything", "hwloc");
    return source.substr(0, source.find(": "));
}

class Comparison {
  public:
    Comparison(const Machine& hwloc, Machine& machine) : hwloc_(hwloc), machine_(machine) {}

    void differ(const std::string& message, const char* hint, const char* fact) {
        ++differences_;
        machine_.findings.push_back(
            {"hwloc-differs",
             Severity::warning,
             message,
             hint,
             {findings::source_of(machine_, fact, machine_.host.source), hwloc_name(hwloc_)}});
    }

    // What hwloc tells nothing of, it does not contradict.
    void groups(const Kind& kind) {
        if (kind.theirs.empty()) return;
        const auto unlike = findings::first_difference(kind.ours, kind.theirs);
        if (!unlike) return;
        const auto side = [](const CpuSet& cpus) {
            return cpus.empty() ? std::string("nothing more") : cpus_text(cpus);
        };
        const int ours = static_cast<int>(kind.ours.size()), theirs = static_cast<int>(kind.theirs.size());
        differ(counted(ours, kind.thing) + " here, " + std::to_string(theirs) +
                   " by hwloc: the first unlike has " + side(unlike->first) + " here, " +
                   side(unlike->second) + " by hwloc",
               kind.hint, kind.fact);
    }

    bool agree() const { return differences_ == 0; }

  private:
    const Machine& hwloc_;
    Machine& machine_;
    int differences_ = 0;
};

void compare_cpus(const Machine& hwloc, const Machine& machine, Comparison& out) {
    const CpuSet ours = findings::online_cpus(machine), theirs = findings::online_cpus(hwloc);
    if (ours == theirs) return;
    const auto beyond = [](const CpuSet& set) { return set.empty() ? std::string("none") : cpus_text(set); };
    out.differ(
        counted(ours.count(), "CPU") + " here, " + std::to_string(theirs.count()) + " by hwloc: only here " +
            beyond(ours - theirs) + ", only by hwloc " + beyond(theirs - ours),
        "hwloc leaves out CPUs whose topology the kernel hides; see /sys/devices/system/cpu/online", "cpus");
}

void compare_groups(const Machine& hwloc, const Machine& machine, const CpuSet& common, Comparison& out) {
    constexpr const char* kPlace =
        "the kernel's place of a CPU is used here; see which of the two fits CPUID and the data sheet";
    out.groups({"package", "packages", kPlace, sets_among(machine.packages, common),
                sets_among(hwloc.packages, common)});
    out.groups({"core", "cores",
                "a plan gives a worker a core: if hwloc is right, two workers may share one, or one has two",
                sets_among(machine.cores, common), sets_among(hwloc.cores, common)});
    // hwloc has no dies where each package is one, and no clusters where each is a core.
    if (!machine.dies.empty() && !hwloc.dies.empty())
        out.groups({"die", "dies", kPlace, sets_among(machine.dies, common), sets_among(hwloc.dies, common)});
    if (!machine.clusters.empty() && !hwloc.clusters.empty())
        out.groups({"cluster", "clusters", kPlace, sets_among(machine.clusters, common),
                    sets_among(hwloc.clusters, common)});
}

// Nodes without CPUs belong, to hwloc, to those that are near.
bool is_same(const Node& ours, const Node& theirs, const CpuSet& common) {
    const CpuSet cpus = ours.cpus & common;
    return (cpus.empty() || cpus == (theirs.cpus & common)) &&
           ours.memory_bytes.value_or(0) == theirs.memory_bytes.value_or(0);
}

// hwloc leaves out nodes that have neither CPUs nor memory, so that nodes are paired by number.
void compare_nodes(const Machine& hwloc, const Machine& machine, const CpuSet& common, Comparison& out) {
    std::map<NodeId, std::array<const Node*, 2>> pairs;
    for (const Node& node : machine.nodes) pairs[node.id][0] = &node;
    for (const Node& node : hwloc.nodes) pairs[node.id][1] = &node;
    if (machine.nodes.empty()) return;  // a source that tells of none; hwloc makes one of the whole machine
    int unlike = 0;
    std::string example;
    for (const auto& [id, pair] : pairs) {
        const auto text = [&](const Node* node) -> std::string {
            if (node == nullptr) return "is not there";
            const CpuSet cpus = node->cpus & common;
            std::string out_text = cpus.empty() ? "has no CPU" : "has " + cpus_text(cpus);
            if (node->memory_bytes) out_text += " and " + findings::size_text(*node->memory_bytes);
            return out_text;
        };
        if (pair[0] != nullptr && pair[1] != nullptr && is_same(*pair[0], *pair[1], common)) continue;
        if (unlike++ == 0)
            example = "node " + std::to_string(id.value) + " " + text(pair[0]) + " here, " + text(pair[1]) +
                      " by hwloc";
    }
    if (unlike == 0) return;
    out.differ(
        counted(static_cast<int>(machine.nodes.size()), "node") + " here, " +
            std::to_string(hwloc.nodes.size()) + " by hwloc: " + example,
        "hwloc leaves out nodes that have neither CPUs nor memory, and corrects nodes that overlap; the "
        "kernel's word is numactl --hardware",
        "nodes");
}

using CacheKey = std::pair<int, CacheType>;

void compare_caches(const Machine& hwloc, const Machine& machine, const CpuSet& common, Comparison& out) {
    static constexpr const char* kTypes[] = {" data cache", " instruction cache", " cache"};
    constexpr const char* kHint =
        "the sharing CPUs decide who disturbs whom: compare with cache/index*/shared_cpu_list, and with "
        "CPUID leaf 4 or 0x8000001D";
    std::set<CacheKey> keys;
    for (const auto* list : {&machine.caches, &hwloc.caches}) {
        for (const Cache& cache : *list) keys.emplace(cache.level, cache.type);
    }
    for (const CacheKey& key : keys) {
        const auto of = [&](const Machine& from) {
            std::vector<Cache> caches;
            for (const Cache& cache : from.caches) {
                if (CacheKey(cache.level, cache.type) == key) caches.push_back(cache);
            }
            return caches;
        };
        const std::vector<Cache> ours = of(machine), theirs = of(hwloc);
        const std::string name =
            "L" + std::to_string(key.first) + kTypes[static_cast<std::size_t>(key.second)];
        Kind kind{name, "caches", kHint, sets_among(ours, common), sets_among(theirs, common)};
        out.groups(kind);
        for (const Cache& cache : ours) {
            const auto same = std::find_if(theirs.begin(), theirs.end(), [&](const Cache& other) {
                return other.cpus.contains(cache.cpus.first());
            });
            if (same == theirs.end() || !cache.size_bytes || !same->size_bytes ||
                cache.size_bytes == same->size_bytes)
                continue;
            out.differ("an " + name + " of " + cpus_text(cache.cpus) + " has " +
                           findings::size_text(*cache.size_bytes) + " here, " +
                           findings::size_text(*same->size_bytes) + " by hwloc",
                       "the kernel's size is used here where it tells one; CPUID or the data sheet decides",
                       "caches");
            break;
        }
    }
}

}  // namespace

void find_hwloc_differences(const Machine& hwloc, Machine& machine) {
    Comparison out(hwloc, machine);
    const CpuSet common = findings::online_cpus(machine) & findings::online_cpus(hwloc);
    compare_cpus(hwloc, machine, out);
    compare_groups(hwloc, machine, common, out);
    compare_caches(hwloc, machine, common, out);
    compare_nodes(hwloc, machine, common, out);
    const std::string said = out.agree()
                                 ? ": the same CPUs, packages, cores, caches and nodes, as far as it tells"
                                 : ": unlike in what the findings hwloc-differs tell";
    machine.provenance.push_back({kFact, hwloc_name(hwloc) + said});
}

}  // namespace torque
