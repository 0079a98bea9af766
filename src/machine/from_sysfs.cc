#include "machine/from_sysfs.h"

#include <algorithm>
#include <utility>

#include "machine/core_types.h"

namespace torque {
namespace {

constexpr const char* kCpuDir = "/sys/devices/system/cpu/";

Cpu* find_cpu(Machine& machine, int id) {
    const auto at = std::lower_bound(machine.cpus.begin(), machine.cpus.end(), id,
                                     [](const Cpu& cpu, int wanted) { return cpu.id.value < wanted; });
    return at != machine.cpus.end() && at->id.value == id ? &*at : nullptr;
}

CpuSet present_cpus(const SysfsFacts& facts, const CpuSet& online) {
    CpuSet present = facts.cpu.present.value_or(CpuSet{}) | online;
    for (const SysfsCpu& cpu : facts.cpu.cpus) present.add(cpu.id);
    return present;
}

void add_cpus(const SysfsFacts& facts, Machine& machine) {
    const CpuSet& online = machine.host.online;
    for (int id : present_cpus(facts, online)) {
        Cpu cpu;
        cpu.id = CpuId{id};
        cpu.online = online.contains(id);
        cpu.allowed = cpu.online && (!facts.cgroup.cpus || facts.cgroup.cpus->contains(id));
        cpu.isolated = facts.cpu.isolated.contains(id);
        cpu.nohz_full = facts.cpu.nohz_full.contains(id);
        machine.cpus.push_back(cpu);
    }
    for (const SysfsCpu& fact : facts.cpu.cpus) {
        Cpu* cpu = find_cpu(machine, fact.id);
        cpu->capacity = fact.capacity;
        cpu->max_khz = fact.max_khz;
    }
    for (const CpuInfo& info : facts.info) {
        if (Cpu* cpu = find_cpu(machine, info.cpu)) cpu->apic_id = info.apic_id;
    }
}

// Groups in the order of their first online CPU, without those that have none. Where groups contradict one
// another by overlapping, the first holds and the other is dropped: its level is unknown for the rest of it.
std::vector<SysfsGroup> ordered(std::vector<SysfsGroup> groups, const CpuSet& online) {
    for (SysfsGroup& group : groups) group.cpus &= online;
    std::sort(groups.begin(), groups.end(),
              [](const SysfsGroup& a, const SysfsGroup& b) { return a.cpus < b.cpus; });
    CpuSet taken;
    std::erase_if(groups, [&](const SysfsGroup& group) {
        if (group.cpus.empty() || group.cpus.intersects(taken)) return true;
        taken |= group.cpus;
        return false;
    });
    return groups;
}

void add_packages(const std::vector<SysfsGroup>& groups, Machine& machine) {
    int unused = 0;
    for (const SysfsGroup& group : groups) unused = std::max(unused, group.id.value_or(-1) + 1);
    std::vector<int> used;
    for (const SysfsGroup& group : groups) {
        // Some firmwares number every package alike, or none: the CPUs tell them apart all the same.
        const bool known = group.id && std::find(used.begin(), used.end(), *group.id) == used.end();
        const PackageId id{known ? *group.id : unused++};
        used.push_back(id.value);
        machine.packages.push_back({id, group.cpus});
        for (int cpu : group.cpus) find_cpu(machine, cpu)->package = id;
    }
    std::sort(machine.packages.begin(), machine.packages.end(),
              [](const Package& a, const Package& b) { return a.id < b.id; });
}

void add_dies(const std::vector<SysfsGroup>& groups, Machine& machine) {
    for (const SysfsGroup& group : groups) {
        const DieId id{static_cast<int>(machine.dies.size())};
        machine.dies.push_back({id, find_cpu(machine, group.cpus.first())->package, group.cpus});
        for (int cpu : group.cpus) find_cpu(machine, cpu)->die = id;
    }
}

// A kernel without the notion shows clusters of one core and the number 65535.
void add_clusters(const std::vector<SysfsGroup>& groups, const std::vector<SysfsGroup>& cores,
                  Machine& machine) {
    const bool named =
        std::all_of(groups.begin(), groups.end(), [](const SysfsGroup& g) { return g.id.has_value(); });
    if (!named || groups.size() == cores.size()) return;
    for (const SysfsGroup& group : groups) {
        const ClusterId id{static_cast<int>(machine.clusters.size())};
        machine.clusters.push_back({id, find_cpu(machine, group.cpus.first())->package, group.cpus});
        for (int cpu : group.cpus) find_cpu(machine, cpu)->cluster = id;
    }
}

void add_cores(const std::vector<SysfsGroup>& groups, Machine& machine) {
    for (const SysfsGroup& group : groups) {
        const Cpu& first = *find_cpu(machine, group.cpus.first());
        const CoreId id{static_cast<int>(machine.cores.size())};
        machine.cores.push_back({id, group.id, first.package, first.die, std::nullopt, group.cpus});
        int smt = 0;
        for (int cpu : group.cpus) {
            find_cpu(machine, cpu)->core = id;
            find_cpu(machine, cpu)->smt = smt++;
        }
    }
}

void add_nodes(const SysfsFacts& facts, Machine& machine) {
    machine.nodes = facts.numa.nodes;
    machine.distances = facts.numa.distances;
    if (machine.nodes.empty() && !machine.cpus.empty()) {
        // A kernel without CONFIG_NUMA: one memory, equally near to all.
        Node node;
        node.cpus = machine.host.online;
        node.memory_bytes = facts.kernel.memory_bytes;
        machine.nodes.push_back(std::move(node));
        machine.provenance.push_back({"nodes", "/proc/meminfo (the kernel shows no NUMA nodes)"});
    } else {
        machine.provenance.push_back({"nodes", "/sys/devices/system/node/node*"});
    }
    for (Node& node : machine.nodes) {
        node.cpus &= machine.host.online;
        for (int id : node.cpus) {
            Cpu* cpu = find_cpu(machine, id);
            if (cpu != nullptr && !cpu->node) cpu->node = node.id;
        }
    }
}

void add_host(const SysfsFacts& facts, Machine& machine) {
    HostFacts& host = machine.host;
    host.online = online_cpus(facts.cpu, facts.info);
    host.possible = facts.cpu.possible.value_or(present_cpus(facts, host.online));
    host.kernel = facts.kernel.release;
    host.cmdline = facts.kernel.cmdline;
    host.memory_bytes = facts.kernel.memory_bytes;
    host.limits = facts.kernel.limits;
    host.cgroup_cpus = facts.cgroup.cpus;
    host.cpu_quota = facts.cgroup.quota;
    host.isolated = facts.cpu.isolated;
    host.nohz_full = facts.cpu.nohz_full;
    if (!facts.info.empty()) host.model = facts.info.front().brand;
}

void say_host(const SysfsFacts& facts, Machine& machine) {
    const Limits& limits = facts.kernel.limits;
    const std::pair<bool, Provenance> rows[] = {
        {facts.kernel.release.has_value(), {"host.kernel", "/proc/version"}},
        {facts.kernel.cmdline.has_value(), {"host.cmdline", "/proc/cmdline"}},
        {facts.kernel.memory_bytes.has_value(), {"host.memory_bytes", "/proc/meminfo"}},
        {limits.nofile || limits.nofile_hard || limits.memlock_bytes, {"host.limits", "/proc/self/limits"}},
        {limits.threads_max || limits.io_uring_disabled,
         {"host.limits", "/proc/sys/kernel/{threads-max,io_uring_disabled}"}},
    };
    for (const auto& [is_known, row] : rows) {
        if (is_known) machine.provenance.push_back(row);
    }
}

void add_provenance(const SysfsFacts& facts, Machine& machine) {
    const auto say = [&](bool known, const char* fact, std::string source) {
        if (known) machine.provenance.push_back({fact, std::move(source)});
    };
    const std::string cpus = kCpuDir;
    const auto any_cpu = [&](bool (*has)(const Cpu&)) {
        return std::any_of(machine.cpus.begin(), machine.cpus.end(), has);
    };
    say(true, "cpus.online",
        facts.cpu.online                   ? cpus + "online"
        : !facts.cpu.with_topology.empty() ? cpus + "cpu*/topology"
        : !facts.cpu.cpus.empty()          ? cpus + "cpu*"
                                           : "/proc/cpuinfo");
    say(any_cpu([](const Cpu& cpu) { return cpu.apic_id.has_value(); }), "cpus.apic_id", "/proc/cpuinfo");
    say(!machine.cores.empty(), "cores", cpus + "cpu*/topology/{core_cpus,thread_siblings}, core_id");
    say(!machine.packages.empty(), "packages",
        cpus + "cpu*/topology/{package_cpus,core_siblings}, physical_package_id");
    say(!machine.dies.empty(), "dies", cpus + "cpu*/topology/die_cpus, die_id");
    say(!machine.clusters.empty(), "clusters", cpus + "cpu*/topology/cluster_cpus, cluster_id");
    say(!facts.caches.empty(), "caches", cpus + "cpu*/cache/index*");
    say(facts.cgroup.cpus.has_value(), "cpus.allowed", facts.cgroup.cpus_source);
    say(any_cpu([](const Cpu& cpu) { return cpu.max_khz.has_value(); }), "cpus.max_khz",
        cpus + "cpu*/cpufreq/cpuinfo_max_freq");
    say(any_cpu([](const Cpu& cpu) { return cpu.capacity.has_value(); }), "cpus.capacity",
        cpus + "cpu*/cpu_capacity");
    say(facts.cpu.shows_isolated, "cpus.isolated", cpus + "isolated");
    say(facts.cpu.shows_nohz_full, "cpus.nohz_full", cpus + "nohz_full");
    say(machine.distances.has_value(), "distances", "/sys/devices/system/node/node*/distance");
    say_host(facts, machine);
}

}  // namespace

CpuSet online_cpus(const SysfsCpuFacts& cpu, const std::vector<CpuInfo>& info) {
    if (cpu.online && !cpu.online->empty()) return *cpu.online;
    if (!cpu.with_topology.empty()) return cpu.with_topology;
    CpuSet all;
    for (const SysfsCpu& one : cpu.cpus) all.add(one.id);
    if (all.empty()) {
        for (const CpuInfo& one : info) all.add(one.cpu);
    }
    return all;
}

Machine machine_from_sysfs(const SysfsFacts& facts) {
    Machine machine;
    add_host(facts, machine);
    add_cpus(facts, machine);
    const CpuSet& online = machine.host.online;
    const auto cores = ordered(facts.cpu.cores, online);
    add_packages(ordered(facts.cpu.packages, online), machine);
    add_dies(ordered(facts.cpu.dies, online), machine);
    add_clusters(ordered(facts.cpu.clusters, online), cores, machine);
    add_cores(cores, machine);
    add_core_types(facts.cpu.core_types, facts.info, machine);
    add_nodes(facts, machine);
    machine.caches = facts.caches;
    for (Cache& cache : machine.caches) cache.cpus &= online;
    add_provenance(facts, machine);
    return machine;
}

}  // namespace torque
