// Machines made by hand, to be drawn.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "torque/machine.h"

namespace torque::test {

inline constexpr std::uint64_t kKib = 1024, kMib = 1024 * kKib, kGib = 1024 * kMib;

inline CpuSet cpus(const char* list) {
    return CpuSet::parse_list(list).value();
}

// Online CPUs 0 to count-1 of which nothing is known.
inline Machine bare_machine(int count) {
    Machine machine;
    machine.host.source = "test";
    machine.host.online = machine.host.possible = CpuSet::range(0, count - 1);
    for (int cpu = 0; cpu < count; ++cpu) {
        machine.cpus.emplace_back();
        machine.cpus.back().id = {cpu};
    }
    return machine;
}

inline Cpu& cpu_at(Machine& machine, int cpu) {
    return machine.cpus[static_cast<std::size_t>(cpu)];
}

inline void add_core(Machine& machine, const CpuSet& set, std::optional<TypeId> type = {}) {
    Core core;
    core.id = {static_cast<int>(machine.cores.size())};
    core.type = type;
    core.cpus = set;
    int smt = 0;
    for (int cpu : set) {
        cpu_at(machine, cpu).core = core.id;
        cpu_at(machine, cpu).smt = smt++;
        cpu_at(machine, cpu).type = type;
    }
    machine.cores.push_back(core);
}

inline void add_package(Machine& machine, const CpuSet& set) {
    const PackageId id{static_cast<int>(machine.packages.size())};
    machine.packages.push_back({id, set});
    for (int cpu : set) cpu_at(machine, cpu).package = id;
}

inline void add_node(Machine& machine, const CpuSet& set, std::uint64_t memory_bytes) {
    Node node;
    node.id = {static_cast<int>(machine.nodes.size())};
    node.cpus = set;
    node.memory_bytes = memory_bytes;
    machine.nodes.push_back(node);
    for (int cpu : set) cpu_at(machine, cpu).node = node.id;
}

inline void add_cache(Machine& machine, int level, CacheType type, std::uint64_t size_bytes, int ways,
                      const CpuSet& set) {
    Cache cache;
    cache.level = level;
    cache.type = type;
    cache.size_bytes = size_bytes;
    cache.line_bytes = 64;
    cache.ways = ways;
    cache.sets = size_bytes / 64 / static_cast<std::uint64_t>(ways);
    cache.cpus = set;
    machine.caches.push_back(cache);
}

inline void add_type(Machine& machine, CoreClass core_class, const CpuSet& set, int threads_per_core) {
    CoreType type;
    type.id = {static_cast<int>(machine.types.size())};
    type.core_class = core_class;
    type.cpus = set;
    type.threads_per_core = threads_per_core;
    machine.types.push_back(type);
}

// A guest with one core of two threads, and a cgroup that gives it less.
inline Machine two_cpu_guest() {
    Machine machine = bare_machine(2);
    machine.host.model = "AMD EPYC  9R14";
    machine.host.kernel = "6.1.0";
    machine.host.arch = "x86_64";
    machine.host.hypervisor = "KVM";
    machine.host.memory_bytes = 8 * kGib;
    machine.host.cpu_quota = 1.5;
    const CpuSet both = cpus("0-1");
    add_core(machine, both);
    add_package(machine, both);
    add_node(machine, both, 8 * kGib);
    add_cache(machine, 1, CacheType::data, 32 * kKib, 8, both);
    add_cache(machine, 1, CacheType::instruction, 32 * kKib, 8, both);
    add_cache(machine, 2, CacheType::unified, 1 * kMib, 8, both);
    add_cache(machine, 3, CacheType::unified, 32 * kMib, 16, both);
    return machine;
}

// Six cores of two threads and eight of one, as an i9-12900HK.
inline Machine hybrid() {
    Machine machine = bare_machine(20);
    machine.host.model = "12th Gen Intel(R) Core(TM) i9-12900HK";
    machine.host.kernel = "6.12.0";
    machine.host.arch = "x86_64";
    add_type(machine, CoreClass::performance, cpus("0-11"), 2);
    add_type(machine, CoreClass::efficiency, cpus("12-19"), 1);
    add_package(machine, cpus("0-19"));
    add_node(machine, cpus("0-19"), 32 * kGib);
    for (int cpu = 0; cpu < 12; cpu += 2) {
        const CpuSet set = CpuSet::range(cpu, cpu + 1);
        add_core(machine, set, TypeId{0});
        add_cache(machine, 1, CacheType::data, 48 * kKib, 12, set);
        add_cache(machine, 1, CacheType::instruction, 32 * kKib, 8, set);
        add_cache(machine, 2, CacheType::unified, 1280 * kKib, 10, set);
        for (int thread : set) {
            cpu_at(machine, thread).apic_id = static_cast<std::uint32_t>(cpu * 4 + thread - cpu);
            cpu_at(machine, thread).max_khz = 5'000'000;
        }
    }
    for (int cpu = 12; cpu < 20; ++cpu) {
        add_core(machine, {cpu}, TypeId{1});
        add_cache(machine, 1, CacheType::data, 32 * kKib, 8, {cpu});
        add_cache(machine, 1, CacheType::instruction, 64 * kKib, 8, {cpu});
        cpu_at(machine, cpu).apic_id = static_cast<std::uint32_t>(60 + 2 * cpu);
        cpu_at(machine, cpu).max_khz = 3'800'000;
    }
    add_cache(machine, 2, CacheType::unified, 2 * kMib, 16, cpus("12-15"));
    add_cache(machine, 2, CacheType::unified, 2 * kMib, 16, cpus("16-19"));
    add_cache(machine, 3, CacheType::unified, 24 * kMib, 12, cpus("0-19"));
    machine.tlbs.push_back({1, TlbType::load, {"4K"}, 64, 4, false, cpus("0-11")});
    machine.tlbs.push_back({2, TlbType::unified, {"4K", "2M"}, 2048, 16, false, cpus("0-11")});
    machine.tlbs.push_back({1, TlbType::data, {"4K", "2M", "4M"}, 48, {}, true, cpus("12-19")});
    return machine;
}

// Packages of equal NUMA nodes of last-level caches of cores. The second threads come after all first ones,
// as Linux numbers most servers.
struct Server {
    int packages = 1, nodes_per_package = 1, llcs_per_node = 1, cores_per_llc = 1, threads = 1;
};

inline Machine server(const Server& shape) {
    const int per_node = shape.llcs_per_node * shape.cores_per_llc;
    const int per_package = shape.nodes_per_package * per_node;
    const int cores = shape.packages * per_package;
    Machine machine = bare_machine(cores * shape.threads);
    machine.host.model = "Test Server";
    const auto threads_of = [&](int first_core, int count) {
        CpuSet out;
        for (int thread = 0; thread < shape.threads; ++thread) {
            out |= CpuSet::range(thread * cores + first_core, thread * cores + first_core + count - 1);
        }
        return out;
    };
    for (int core = 0; core < cores; core += per_package) add_package(machine, threads_of(core, per_package));
    for (int core = 0; core < cores; core += per_node)
        add_node(machine, threads_of(core, per_node), 64 * kGib);
    for (int core = 0; core < cores; ++core) {
        add_core(machine, threads_of(core, 1));
        add_cache(machine, 2, CacheType::unified, 512 * kKib, 8, threads_of(core, 1));
    }
    for (int core = 0; core < cores; core += shape.cores_per_llc) {
        add_cache(machine, 3, CacheType::unified, 32 * kMib, 16, threads_of(core, shape.cores_per_llc));
    }
    Distances distances;
    for (const Node& from : machine.nodes) {
        distances.nodes.push_back(from.id);
        distances.matrix.emplace_back();
        for (const Node& to : machine.nodes) {
            const bool near =
                from.id.value / shape.nodes_per_package == to.id.value / shape.nodes_per_package;
            distances.matrix.back().push_back(from.id == to.id ? 10 : near ? 12 : 32);
        }
    }
    machine.distances = distances;
    return machine;
}

// Two nodes below one last-level cache, as some machines with sub-NUMA clusters say.
inline Machine with_large_last_level() {
    Machine machine = server({1, 2, 1, 4, 1});
    std::erase_if(machine.caches, [](const Cache& cache) { return cache.level == 3; });
    add_cache(machine, 3, CacheType::unified, 64 * kMib, 16, cpus("0-7"));
    return machine;
}

// One package whose second and third memory have no CPUs.
inline Machine with_memory_only_nodes() {
    Machine machine = server({1, 1, 2, 4, 1});
    add_node(machine, {}, 128 * kGib);
    add_node(machine, {}, 128 * kGib);
    machine.nodes[1].memory_kind = machine.nodes[2].memory_kind = MemoryKind::cxl;
    machine.distances =
        Distances{{NodeId{0}, NodeId{1}, NodeId{2}}, {{10, 24, 24}, {24, 10, 26}, {24, 26, 10}}};
    return machine;
}

// Two of eight threads are offline, two are isolated, and the cgroup has but four.
inline Machine with_states() {
    Machine machine = server({1, 1, 1, 4, 2});
    for (int cpu : {5, 7}) {
        Cpu& own = cpu_at(machine, cpu);
        own = Cpu{};
        own.id = {cpu};
        own.online = false;
        own.allowed = false;
    }
    const auto drop = [](CpuSet& set) { set -= cpus("5,7"); };
    for (auto& package : machine.packages) drop(package.cpus);
    for (auto& core : machine.cores) drop(core.cpus);
    for (auto& node : machine.nodes) drop(node.cpus);
    for (auto& cache : machine.caches) drop(cache.cpus);
    for (int cpu : {2, 6}) cpu_at(machine, cpu).isolated = cpu_at(machine, cpu).nohz_full = true;
    for (int cpu : {0, 4}) cpu_at(machine, cpu).allowed = false;
    machine.host.isolated = machine.host.nohz_full = cpus("2,6");
    machine.host.cgroup_cpus = cpus("1-3,6");
    machine.findings.push_back({"smt-sibling-offline",
                                Severity::warning,
                                "CPUs 5 and 7 are offline",
                                "echo 1 > /sys/devices/system/cpu/cpu5/online",
                                {"sysfs"}});
    machine.findings.push_back({"bad", Severity::problem, "a \x1b[31mred\n message", "", {}});
    return machine;
}

// A node that crosses the packages, cores of no package, and caches that overlap.
inline Machine crossing() {
    Machine machine = bare_machine(12);
    add_package(machine, cpus("0-3"));
    add_package(machine, cpus("4-7"));
    add_node(machine, cpus("0-1,4-5"), kGib);
    add_node(machine, cpus("2-3,6-7"), kGib);
    for (int cpu = 0; cpu < 10; cpu += 2) add_core(machine, CpuSet::range(cpu, cpu + 1));
    add_cache(machine, 3, CacheType::unified, kMib, 8, cpus("1-2"));
    return machine;
}

// Every machine of this file and some larger ones, by name.
inline std::vector<std::pair<std::string, Machine>> all_machines() {
    return {{"two CPU guest", two_cpu_guest()},
            {"hybrid", hybrid()},
            {"two sockets, NPS4", server({2, 4, 2, 8, 2})},
            {"two sockets, 384 CPUs", server({2, 1, 12, 8, 2})},
            {"last-level cache larger than a node", with_large_last_level()},
            {"4,096 CPUs", server({16, 2, 8, 8, 2})},
            {"memory-only nodes", with_memory_only_nodes()},
            {"states", with_states()},
            {"crossing", crossing()},
            {"nothing known", bare_machine(6)},
            {"one CPU", bare_machine(1)},
            {"no CPU", bare_machine(0)}};
}

}  // namespace torque::test
