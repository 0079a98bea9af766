#include "machine/from_cpuid.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "machine/from_cpuid_types.h"

namespace torque {

namespace {

using Kind = CpuidDomainKind;

const CpuidKind& kind_of(const CpuidFacts& facts, const CpuidCpu& cpu) {
    return facts.kinds[static_cast<std::size_t>(cpu.kind)];
}

std::optional<std::uint32_t> domain_id(const CpuidKind& kind, Kind wanted, std::uint32_t apic_id) {
    for (const CpuidDomain& domain : kind.domains) {
        if (domain.kind == wanted) return apic_id >> domain.shift;
    }
    return std::nullopt;
}

// By position in facts.cpus: whether the CPU's APIC id is its own. The others have no known place.
std::vector<bool> find_placed(const CpuidFacts& facts) {
    std::vector<std::uint32_t> ids;
    ids.reserve(facts.cpus.size());
    for (const CpuidCpu& cpu : facts.cpus) ids.push_back(cpu.apic_id);
    std::sort(ids.begin(), ids.end());
    std::vector<bool> placed;
    placed.reserve(facts.cpus.size());
    for (const CpuidCpu& cpu : facts.cpus) {
        const auto [first, last] = std::equal_range(ids.begin(), ids.end(), cpu.apic_id);
        placed.push_back(last - first == 1);
    }
    return placed;
}

// CPUs by domain, in ascending order of their first CPU.
class Groups {
  public:
    // Dense number of the group.
    int add(std::uint32_t package, std::uint32_t id, int cpu) {
        const std::uint64_t key = std::uint64_t{package} << 32 | id;
        const auto [at, is_new] = index_.emplace(key, static_cast<int>(sets_.size()));
        if (is_new) sets_.emplace_back();
        sets_[static_cast<std::size_t>(at->second)].add(cpu);
        return at->second;
    }
    const std::vector<CpuSet>& sets() const { return sets_; }

  private:
    std::unordered_map<std::uint64_t, int> index_;
    std::vector<CpuSet> sets_;
};

// Packages are numbered as the kernel does, unless an id does not fit.
std::map<std::uint32_t, PackageId> name_packages(const CpuidFacts& facts) {
    std::map<std::uint32_t, PackageId> names;
    for (const CpuidCpu& cpu : facts.cpus) {
        names.emplace(domain_id(kind_of(facts, cpu), Kind::package, cpu.apic_id).value_or(0), PackageId{});
    }
    constexpr std::uint32_t kIdMax = std::numeric_limits<int>::max();
    const bool fits = names.empty() || names.rbegin()->first <= kIdMax;
    int next = 0;
    for (auto& [id, name] : names) {
        name.value = fits ? static_cast<int>(id) : next;
        ++next;
    }
    return names;
}

// The innermost level between core and die that has a name.
std::optional<Kind> cluster_kind(const CpuidKind& kind) {
    for (const CpuidDomain& domain : kind.domains) {
        if (domain.kind == Kind::module || domain.kind == Kind::tile) return domain.kind;
    }
    return std::nullopt;
}

class TopologyBuilder {
  public:
    TopologyBuilder(const CpuidFacts& facts, Machine& machine)
        : facts_(facts), machine_(machine), packages_(name_packages(facts)) {}

    void build(const std::vector<bool>& placed) {
        for (std::size_t i = 0; i < facts_.cpus.size(); ++i) {
            if (placed[i]) place(facts_.cpus[i], machine_.cpus[i]);
        }
        list_cores();
        list_domains();
    }

  private:
    void place(const CpuidCpu& cpu, Cpu& entry) {
        const CpuidKind& kind = kind_of(facts_, cpu);
        const std::uint32_t package = domain_id(kind, Kind::package, cpu.apic_id).value_or(0);
        const std::uint32_t core = domain_id(kind, Kind::core, cpu.apic_id).value_or(cpu.apic_id);
        entry.package = packages_[package];
        package_cpus_[*entry.package].add(cpu.cpu);
        entry.core = CoreId{cores_.add(package, core, cpu.cpu)};
        entry.smt = cores_.sets()[static_cast<std::size_t>(entry.core->value)].count() - 1;
        // A core without SMT is a cluster of one where the level is not worth a name; those are left out
        // below.
        if (const auto level = cluster_kind(kind)) {
            clusters_.add(package, domain_id(kind, *level, cpu.apic_id).value_or(0), cpu.cpu);
        }
        auto die = domain_id(kind, Kind::die, cpu.apic_id);
        if (!die && cpu.amd_node) die = static_cast<std::uint32_t>(*cpu.amd_node);
        if (die) entry.die = DieId{dies_.add(package, *die, cpu.cpu)};
    }

    std::vector<Cpu>::iterator cpu_entry(int number) const {
        return std::lower_bound(machine_.cpus.begin(), machine_.cpus.end(), number,
                                [](const Cpu& cpu, int wanted) { return cpu.id.value < wanted; });
    }

    void list_cores() {
        machine_.cores.reserve(cores_.sets().size());
        for (const CpuSet& set : cores_.sets()) {
            const Cpu& cpu = *cpu_entry(set.first());
            machine_.cores.push_back({*cpu.core, std::nullopt, cpu.package, cpu.die, cpu.type, set});
        }
    }

    void list_domains() {
        for (const auto& [id, set] : package_cpus_) machine_.packages.push_back({id, set});
        for (const CpuSet& set : dies_.sets()) {
            const Cpu& cpu = *cpu_entry(set.first());
            machine_.dies.push_back({*cpu.die, cpu.package, set});
        }
        for (const CpuSet& set : clusters_.sets()) list_cluster(set);
    }

    // A module of one core (every performance core is in one) is no cluster.
    void list_cluster(const CpuSet& set) {
        const Cpu& first = *cpu_entry(set.first());
        if (machine_.cores[static_cast<std::size_t>(first.core->value)].cpus.contains(set)) return;
        const ClusterId id{static_cast<int>(machine_.clusters.size())};
        machine_.clusters.push_back({id, first.package, set});
        for (const int cpu : set) cpu_entry(cpu)->cluster = id;
    }

    const CpuidFacts& facts_;
    Machine& machine_;
    std::map<std::uint32_t, PackageId> packages_;
    std::map<PackageId, CpuSet> package_cpus_;
    Groups cores_, dies_, clusters_;
};

std::uint32_t instance_id(const CpuidCpu& cpu, const CpuidCache& cache) {
    if (cache.is_of_node && cpu.amd_node) return static_cast<std::uint32_t>(*cpu.amd_node);
    return cpu.apic_id >> cache.shift;
}

// One entry an instance, of the caches of one level and type, by first CPU. CPUs of unlike kinds may claim
// one block of ids with unlike caches: those are two. Of a CPU without a place only the caches that no other
// shares are known.
void list_caches_of(int level, CacheType type, const CpuidFacts& facts, const std::vector<bool>& placed,
                    std::vector<Cache>& caches) {
    using Class = std::tuple<bool, int, std::uint64_t>;  // placed or not, shift, size
    std::map<Class, std::unordered_map<std::uint32_t, std::size_t>> index;
    for (std::size_t i = 0; i < facts.cpus.size(); ++i) {
        const CpuidCpu& cpu = facts.cpus[i];
        const bool is_placed = placed[i];
        for (const CpuidCache& cache : kind_of(facts, cpu).caches) {
            if (cache.level != level || cache.type != type || (!is_placed && cache.shift > 0)) continue;
            const std::uint32_t id =
                is_placed ? instance_id(cpu, cache) : static_cast<std::uint32_t>(cpu.cpu);
            auto& of_class = index[{is_placed, cache.shift, cache.size_bytes}];
            const auto [at, is_new] = of_class.emplace(id, caches.size());
            if (is_new) {
                caches.push_back({level,
                                  type,
                                  cache.size_bytes,
                                  cache.line_bytes,
                                  cache.ways,
                                  cache.sets,
                                  cache.partitions,
                                  cache.inclusive,
                                  {}});
            }
            caches[at->second].cpus.add(cpu.cpu);
        }
    }
}

void list_caches(const CpuidFacts& facts, const std::vector<bool>& placed, Machine& machine) {
    std::set<std::pair<int, CacheType>> levels;
    for (const CpuidKind& kind : facts.kinds) {
        for (const CpuidCache& cache : kind.caches) levels.emplace(cache.level, cache.type);
    }
    for (const auto& level : levels) list_caches_of(level.first, level.second, facts, placed, machine.caches);
}

}  // namespace

Machine machine_from_cpuid(const CpuidFacts& facts) {
    Machine machine;
    machine.host.source = facts.source;
    machine.host.hypervisor = facts.hypervisor;
    if (!facts.kinds.empty()) machine.host.model = facts.kinds.front().brand;
    const std::vector<bool> placed = find_placed(facts);
    machine.cpus.reserve(facts.cpus.size());
    for (std::size_t i = 0; i < facts.cpus.size(); ++i) {
        Cpu entry;
        entry.id = CpuId{facts.cpus[i].cpu};
        if (placed[i]) entry.apic_id = facts.cpus[i].apic_id;
        machine.cpus.push_back(entry);
    }
    list_types(facts, machine);
    TopologyBuilder(facts, machine).build(placed);
    count_threads(machine);
    list_caches(facts, placed, machine);
    list_tlbs(facts, machine);
    list_findings(facts, machine);
    return machine;
}

}  // namespace torque
