#include "machine/join.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <tuple>

#include "machine/core_types.h"

namespace torque {
namespace {

template <class T>
void fill(std::optional<T>& fact, const std::optional<T>& other) {
    if (!fact) fact = other;
}

void join_cpus(Machine& machine, const Machine& cpuid) {
    std::map<CpuId, const Cpu*> known;
    for (const Cpu& cpu : cpuid.cpus) known[cpu.id] = &cpu;
    for (Cpu& cpu : machine.cpus) {
        const auto at = known.find(cpu.id);
        if (at != known.end() && at->second->apic_id) cpu.apic_id = at->second->apic_id;
    }
}

// The type of `cpuid` that most of the CPUs in `cpus` have.
const CoreType* type_of(const Machine& cpuid, const CpuSet& cpus) {
    const CoreType* best = nullptr;
    int most = 0;
    for (const CoreType& type : cpuid.types) {
        const int common = (type.cpus & cpus).count();
        if (common > most) {
            most = common;
            best = &type;
        }
    }
    return best;
}

void join_types(Machine& machine, const Machine& cpuid) {
    if (machine.types.size() <= 1 && cpuid.types.size() > 1) {
        CpuSet all;
        for (const CoreType& type : cpuid.types) all |= type.cpus;
        if (all.contains(machine.host.online)) {
            machine.types = cpuid.types;
            for (CoreType& type : machine.types) type.cpus &= machine.host.online;
            std::erase_if(machine.types, [](const CoreType& type) { return type.cpus.empty(); });
            assign_types(machine);
            return;
        }
    }
    for (CoreType& type : machine.types) {
        const CoreType* other = type_of(cpuid, type.cpus);
        if (other == nullptr) continue;
        if (other->vendor) type.vendor = other->vendor;
        if (other->brand) type.brand = other->brand;
        if (other->codename) type.codename = other->codename;
        if (other->family) type.family = other->family;
        if (other->model) type.model = other->model;
        if (other->stepping) type.stepping = other->stepping;
        if (type.features.empty()) type.features = other->features;
    }
}

// Online CPUs that CPUID tells nothing of.
CpuSet refused_cpus(const Machine& machine, const Machine& cpuid) {
    CpuSet refused = machine.host.online;
    for (const Cpu& cpu : cpuid.cpus) refused.remove(cpu.id.value);
    return refused;
}

const CoreType* kernel_type_of(const Machine& machine, int cpu) {
    const auto has = [cpu](const CoreType& type) { return type.cpus.contains(cpu); };
    const auto at = std::find_if(machine.types.begin(), machine.types.end(), has);
    return at != machine.types.end() ? &*at : nullptr;
}

// Of a cache all of whose CPUs refused CPUID: what is known of one like it, of CPUs of the same type.
void fill_from_like(Cache& cache, const Machine& machine, const CpuSet& refused) {
    const auto like = std::find_if(machine.caches.begin(), machine.caches.end(), [&](const Cache& other) {
        return other.level == cache.level && other.type == cache.type && cache.size_bytes &&
               other.size_bytes == cache.size_bytes && !refused.contains(other.cpus) &&
               kernel_type_of(machine, other.cpus.first()) == kernel_type_of(machine, cache.cpus.first());
    });
    if (like == machine.caches.end()) return;
    fill(cache.line_bytes, like->line_bytes);
    fill(cache.inclusive, like->inclusive);
    fill(cache.ways, like->ways);
    fill(cache.sets, like->sets);
    fill(cache.partitions, like->partitions);
}

// Where the kernel shows no tree (a container without sysfs), CPUID's stands in, if it has all online CPUs.
bool join_tree(Machine& machine, const Machine& cpuid) {
    if (!machine.cores.empty() || !machine.packages.empty()) return false;
    CpuSet placed;
    for (const Core& core : cpuid.cores) placed |= core.cpus;
    if (placed.empty() || placed != machine.host.online) return false;
    machine.packages = cpuid.packages;
    machine.dies = cpuid.dies;
    machine.clusters = cpuid.clusters;
    machine.cores = cpuid.cores;
    std::map<CpuId, const Cpu*> known;
    for (const Cpu& cpu : cpuid.cpus) known[cpu.id] = &cpu;
    for (Cpu& cpu : machine.cpus) {
        const auto at = known.find(cpu.id);
        if (at == known.end()) continue;
        cpu.package = at->second->package;
        cpu.die = at->second->die;
        cpu.cluster = at->second->cluster;
        cpu.core = at->second->core;
        cpu.smt = at->second->smt;
    }
    for (Core& core : machine.cores) core.type.reset();
    assign_types(machine);
    return true;
}

// True where the kernel shows no caches, and CPUID's stand in.
bool join_caches(Machine& machine, const Machine& cpuid) {
    if (machine.caches.empty()) {
        machine.caches = cpuid.caches;
        for (Cache& cache : machine.caches) cache.cpus &= machine.host.online;
        return !machine.caches.empty();
    }
    // A cache of CPUID is looked up by level, type and any of its CPUs: the sharing sets may differ, and in a
    // cpuset CPUID is refused on some of them.
    std::map<std::tuple<int, CacheType, int>, const Cache*> known;
    for (const Cache& cache : cpuid.caches) {
        for (int cpu : cache.cpus) known[{cache.level, cache.type, cpu}] = &cache;
    }
    const CpuSet refused = refused_cpus(machine, cpuid);
    for (Cache& cache : machine.caches) {
        const CpuSet asked = cache.cpus - refused;
        const auto at = asked.empty() ? known.end() : known.find({cache.level, cache.type, asked.first()});
        if (at == known.end()) continue;
        const Cache& other = *at->second;
        fill(cache.size_bytes, other.size_bytes);
        fill(cache.line_bytes, other.line_bytes);
        fill(cache.inclusive, other.inclusive);
        if (cache.size_bytes != other.size_bytes) continue;  // another geometry would contradict the size
        fill(cache.ways, other.ways);
        fill(cache.sets, other.sets);
        fill(cache.partitions, other.partitions);
    }
    for (Cache& cache : machine.caches) {
        if (refused.contains(cache.cpus)) fill_from_like(cache, machine, refused);
    }
    return false;
}

// What CPUID's view says of itself and still holds: of its tree and caches only where these are used.
void keep_findings(Machine& machine, const Machine& cpuid, bool counts_are_cpuids) {
    static constexpr std::string_view kKept[] = {"cpuid-refused", "cpuid-tlb-reports",
                                                 "cpuid-hypervisor-unnamed"};
    for (const Finding& finding : cpuid.findings) {
        if (std::find(std::begin(kKept), std::end(kKept), finding.id) != std::end(kKept) ||
            (counts_are_cpuids && finding.id == "cpuid-partial"))
            machine.findings.push_back(finding);
    }
}

// What CPUID says of it is taken, and not what the kernel's source said.
void replace_provenance(Machine& machine, const Provenance& row) {
    auto& rows = machine.provenance;
    if (row.fact == "cpus.apic_id") {
        rows.erase(std::remove_if(rows.begin(), rows.end(),
                                  [&](const Provenance& one) { return one.fact == row.fact; }),
                   rows.end());
    }
    rows.push_back(row);
}

}  // namespace

Machine join(Machine kernel, const Machine& cpuid) {
    Machine& machine = kernel;
    join_cpus(machine, cpuid);
    const bool tree_is_cpuids = join_tree(machine, cpuid);
    join_types(machine, cpuid);
    const bool caches_are_cpuids = join_caches(machine, cpuid);
    machine.tlbs = cpuid.tlbs;
    for (Tlb& tlb : machine.tlbs) tlb.cpus &= machine.host.online;
    fill(machine.host.hypervisor, cpuid.host.hypervisor);
    if (cpuid.host.model) machine.host.model = cpuid.host.model;
    for (const Provenance& row : cpuid.provenance) {
        if (row.fact == "tlbs" || row.fact == "types" || row.fact == "cpus.apic_id" ||
            (row.fact == "cores" && tree_is_cpuids) || (row.fact == "caches" && caches_are_cpuids))
            replace_provenance(machine, row);
    }
    keep_findings(machine, cpuid, tree_is_cpuids || caches_are_cpuids);
    return kernel;
}

}  // namespace torque
