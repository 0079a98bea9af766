#include "unit/plan/worlds.h"

namespace worlds {
namespace {

using namespace torque;

// One core before its CPUs have numbers.
struct Draft {
    int node = 0, package = 0, llc = 0, l2 = -1;
    Cores kind;
};

struct Drafts {
    std::vector<Draft> cores;
    std::vector<int> llc_kib;
    std::vector<int> l2_kib;
    int threads_max = 1;
};

Drafts draft(const World& world) {
    Drafts out;
    for (std::size_t n = 0; n < world.nodes.size(); ++n) {
        for (const Llc& llc : world.nodes[n].llcs) {
            for (const Cores& run : llc.cores) {
                for (int i = 0; i < run.count; ++i) {
                    if (run.l2_kib > 0 && i % run.l2_cores == 0) out.l2_kib.push_back(run.l2_kib);
                    const int l2 = run.l2_kib > 0 ? static_cast<int>(out.l2_kib.size()) - 1 : -1;
                    out.cores.push_back({static_cast<int>(n), world.nodes[n].package,
                                         static_cast<int>(out.llc_kib.size()), l2, run});
                    out.threads_max = std::max(out.threads_max, run.threads);
                }
            }
            out.llc_kib.push_back(llc.kib);
        }
    }
    return out;
}

std::vector<CpuSet> number(const Drafts& drafts, Numbering numbering) {
    std::vector<CpuSet> cpus(drafts.cores.size());
    int next = 0;
    const int rounds = numbering == Numbering::rounds ? drafts.threads_max : 1;
    for (int round = 0; round < rounds; ++round) {
        for (std::size_t i = 0; i < cpus.size(); ++i) {
            const int threads = drafts.cores[i].kind.threads;
            if (rounds == 1) {
                for (int t = 0; t < threads; ++t) cpus[i].add(next++);
            } else if (round < threads) {
                cpus[i].add(next++);
            }
        }
    }
    return cpus;
}

void add_types(Machine& machine, const Drafts& drafts, const std::vector<CpuSet>& cpus) {
    for (CoreClass wanted :
         {CoreClass::performance, CoreClass::uniform, CoreClass::efficiency, CoreClass::low_power}) {
        CoreType type;
        type.id = TypeId{static_cast<int>(machine.types.size())};
        type.core_class = wanted;
        for (std::size_t i = 0; i < cpus.size(); ++i) {
            if (drafts.cores[i].kind.core_class != wanted) continue;
            type.cpus |= cpus[i];
            type.threads_per_core = drafts.cores[i].kind.threads;
            machine.cores[i].type = type.id;
            for (Cpu& cpu : machine.cpus) {
                if (cpus[i].contains(cpu.id)) cpu.type = type.id;
            }
        }
        if (!type.cpus.empty()) machine.types.push_back(type);
    }
}

template <class Cacheish>
void add_caches(Machine& machine, int level, const std::vector<int>& kib, const Cacheish& cpus_of) {
    for (std::size_t i = 0; i < kib.size(); ++i) {
        if (kib[i] == 0) continue;
        Cache cache;
        cache.level = level;
        cache.size_bytes = static_cast<std::uint64_t>(kib[i]) * 1024;
        cache.cpus = cpus_of(static_cast<int>(i));
        machine.caches.push_back(cache);
    }
}

void add_nodes(Machine& machine, const World& world) {
    for (std::size_t n = 0; n < world.nodes.size(); ++n) {
        Node node;
        node.id = NodeId{static_cast<int>(n)};
        node.memory_bytes = static_cast<std::uint64_t>(world.nodes[n].memory_mib) << 20;
        for (const Cpu& cpu : machine.cpus) {
            if (cpu.node == node.id) node.cpus.add(cpu.id);
        }
        machine.nodes.push_back(node);
    }
    Distances distances;
    for (const Node& from : machine.nodes) {
        distances.nodes.push_back(from.id);
        std::vector<int> row;
        for (const Node& to : machine.nodes) row.push_back(from.id == to.id ? 10 : 20);
        distances.matrix.push_back(row);
    }
    machine.distances = distances;
}

}  // namespace

Machine build(const World& world) {
    Machine machine;
    const Drafts drafts = draft(world);
    const std::vector<CpuSet> cpus = number(drafts, world.numbering);
    std::vector<Cpu> by_number;
    for (std::size_t i = 0; i < cpus.size(); ++i) {
        const Draft& from = drafts.cores[i];
        Core core;
        core.id = CoreId{static_cast<int>(i)};
        core.core_id = static_cast<int>(i);
        core.package = PackageId{from.package};
        core.cpus = cpus[i];
        machine.cores.push_back(core);
        int smt = 0;
        for (int id : cpus[i]) {
            Cpu cpu;
            cpu.id = CpuId{id};
            cpu.core = core.id;
            cpu.smt = smt++;
            cpu.package = core.package;
            if (world.has_nodes) cpu.node = NodeId{from.node};
            if (static_cast<std::size_t>(id) >= by_number.size())
                by_number.resize(static_cast<std::size_t>(id) + 1);
            by_number[static_cast<std::size_t>(id)] = cpu;
            machine.host.online.add(id);
        }
    }
    machine.cpus = std::move(by_number);
    machine.host.possible = machine.host.online;
    for (const NodeSpec& node : world.nodes) {
        const PackageId id{node.package};
        if (!machine.packages.empty() && machine.packages.back().id == id) continue;
        Package package{id, {}};
        for (const Cpu& cpu : machine.cpus) {
            if (cpu.package == id) package.cpus.add(cpu.id);
        }
        machine.packages.push_back(package);
    }
    if (world.has_types) add_types(machine, drafts, cpus);
    add_caches(machine, 2, drafts.l2_kib, [&](int l2) {
        CpuSet out;
        for (std::size_t i = 0; i < cpus.size(); ++i) {
            if (drafts.cores[i].l2 == l2) out |= cpus[i];
        }
        return out;
    });
    add_caches(machine, 3, drafts.llc_kib, [&](int llc) {
        CpuSet out;
        for (std::size_t i = 0; i < cpus.size(); ++i) {
            if (drafts.cores[i].llc == llc) out |= cpus[i];
        }
        return out;
    });
    if (world.has_nodes) add_nodes(machine, world);
    machine.fingerprint = "world";
    return machine;
}

World uniform(int nodes, int llcs, int cores, int threads, Numbering numbering) {
    World world;
    world.numbering = numbering;
    for (int n = 0; n < nodes; ++n) {
        NodeSpec node;
        node.package = n;
        for (int l = 0; l < llcs; ++l) node.llcs.push_back({{{cores, threads}}});
        world.nodes.push_back(node);
    }
    return world;
}

Machine i9_12900hk() {
    World world;
    world.has_types = true;
    world.nodes = {
        {{{{{6, 2, CoreClass::performance, 1, 1280}, {8, 1, CoreClass::efficiency, 4, 2048}}, 24576}}}};
    return build(world);
}

Machine i9_13900kf() {
    World world;
    world.has_types = true;
    world.nodes = {
        {{{{{8, 2, CoreClass::performance, 1, 2048}, {16, 1, CoreClass::efficiency, 4, 4096}}, 36864}}}};
    Machine machine = build(world);
    for (Cpu& cpu : machine.cpus) cpu.max_khz = cpu.id.value >= 8 && cpu.id.value < 12 ? 5800000 : 5500000;
    return machine;
}

Machine xeon_2x8() {
    Machine machine = build(uniform(2, 1, 8, 2, Numbering::rounds));
    Device eth0;
    eth0.address = "0000:00:1f.6";
    eth0.kind = "network";
    eth0.name = "eth0";
    eth0.node = NodeId{1};
    eth0.queues = 8;
    machine.devices.push_back(eth0);
    return machine;
}

Machine epyc_64() {
    return build(uniform(1, 8, 8, 2, Numbering::rounds));
}

Machine big_little() {
    World world;
    world.has_types = true;
    world.nodes = {{{{{{4, 1, CoreClass::efficiency}, {4, 1, CoreClass::performance}}, 4096}}}};
    return build(world);
}

Machine gb10() {
    World world;
    world.has_types = true;
    const Llc half{{{5, 1, CoreClass::efficiency, 1, 512}, {5, 1, CoreClass::performance, 1, 2048}}, 16384};
    world.nodes = {{{half, half}}};
    return build(world);
}

Machine cxl() {
    World world = uniform(1, 1, 8, 2, Numbering::rounds);
    world.nodes.push_back({{}, 0, 32768});
    return build(world);
}

Machine asymmetric() {
    World world;
    world.nodes = {{{{{{8, 1}}}}, 0}, {{{{{4, 1}}}}, 1}};
    return build(world);
}

void confine(Machine& machine, const char* cpus) {
    machine.host.cgroup_cpus = list(cpus);
    for (Cpu& cpu : machine.cpus) cpu.allowed = cpu.online && machine.host.cgroup_cpus->contains(cpu.id);
}

void take_offline(Machine& machine, const char* cpus) {
    const CpuSet gone = list(cpus);
    machine.host.online -= gone;
    for (Cpu& cpu : machine.cpus) {
        if (!gone.contains(cpu.id)) continue;
        Cpu hidden;
        hidden.id = cpu.id;
        hidden.online = false;
        hidden.allowed = false;
        cpu = hidden;
    }
    for (Core& core : machine.cores) core.cpus -= gone;
    std::erase_if(machine.cores, [](const Core& core) { return core.cpus.empty(); });
    for (Package& package : machine.packages) package.cpus -= gone;
    for (CoreType& type : machine.types) type.cpus -= gone;
    for (Cache& cache : machine.caches) cache.cpus -= gone;
    for (Node& node : machine.nodes) node.cpus -= gone;
}

CpuSet list(const char* text) {
    return CpuSet::parse_list(text).value();
}

Profile full_profile() {
    Profile profile;
    profile.name = "full";
    profile.boot = {{"isolcpus", "managed_irq,domain,{isolated}", {}, {}, {}},
                    {"nohz_full", "{isolated}", {}, {}, {}},
                    {"rcu_nocbs", "{isolated}", {}, {}, {}},
                    {"rcu_nocb_poll", "", {}, {}, {}},
                    {"irqaffinity", "{housekeeping}", {}, {}, {}}};
    return profile;
}

}  // namespace worlds
