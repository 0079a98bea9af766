#include "probes/sysfs_cpu.h"

#include <array>
#include <string>

#include "probes/read.h"

namespace torque {
namespace {

// Where the kernel tells a level's CPUs and number. The first file of each is today's, the second the one
// before Linux 5.3; dies came with 5.2, clusters with 5.16. Masks first: every kernel has them.
struct Level {
    std::vector<SysfsGroup> SysfsCpuFacts::*groups;
    const char* id;
    std::array<const char*, 2> masks;
    std::array<const char*, 2> lists;
};

constexpr Level kLevels[] = {
    {&SysfsCpuFacts::cores, "core_id", {"core_cpus", "thread_siblings"}, {"core_cpus_list", "thread_siblings_list"}},
    {&SysfsCpuFacts::clusters, "cluster_id", {"cluster_cpus", nullptr}, {"cluster_cpus_list", nullptr}},
    {&SysfsCpuFacts::dies, "die_id", {"die_cpus", nullptr}, {"die_cpus_list", nullptr}},
    {&SysfsCpuFacts::packages,
     "physical_package_id",
     {"package_cpus", "core_siblings"},
     {"package_cpus_list", "core_siblings_list"}},
};

std::optional<CpuSet> read_group_cpus(const Dir& topology, const Level& level) {
    for (const char* name : level.masks) {
        if (auto set = name != nullptr ? read_cpu_mask(topology, name) : std::nullopt) return set;
    }
    for (const char* name : level.lists) {
        if (auto set = name != nullptr ? read_cpu_list(topology, name) : std::nullopt) return set;
    }
    return std::nullopt;
}

std::optional<int> read_group_id(const Dir& topology, const Level& level) {
    const auto id = read_int(topology, level.id);
    return id && *id >= 0 && *id != 65535 ? id : std::nullopt;
}

// Every file is read once for a core, a die, a package, and not again for each of its CPUs.
void read_topology(const Dir& topology, int cpu, std::array<CpuSet, std::size(kLevels)>& covered,
                   SysfsCpuFacts& facts) {
    for (std::size_t i = 0; i < std::size(kLevels); ++i) {
        if (covered[i].contains(cpu)) continue;
        auto cpus = read_group_cpus(topology, kLevels[i]);
        if (!cpus) continue;
        cpus->add(cpu);
        // The lowest of them was read before, and would have covered this CPU if it agreed.
        if ((*cpus & facts.with_topology).first() != cpu) continue;
        covered[i] |= *cpus;
        (facts.*kLevels[i].groups).push_back({read_group_id(topology, kLevels[i]), std::move(*cpus)});
    }
}

void read_core_types(const Dir& root, SysfsCpuFacts& facts) {
    for (const char* pmu : {"cpu_core", "cpu_atom", "cpu_lowpower"}) {
        auto cpus = read_cpu_list(root, std::string("sys/devices/") + pmu + "/cpus");
        if (cpus && !cpus->empty()) facts.core_types.push_back({pmu, std::move(*cpus)});
    }
}

}  // namespace

SysfsCpuFacts read_sysfs_cpu(const Dir& root) {
    SysfsCpuFacts facts;
    const auto dir = root.open("sys/devices/system/cpu");
    if (dir == nullptr) return facts;
    facts.possible = read_cpu_list(*dir, "possible");
    facts.present = read_cpu_list(*dir, "present");
    facts.online = read_cpu_list(*dir, "online");
    facts.isolated = read_cpu_list(*dir, "isolated").value_or(CpuSet{});
    facts.nohz_full = read_cpu_list(*dir, "nohz_full").value_or(CpuSet{});
    std::array<CpuSet, std::size(kLevels)> covered;
    bool has_capacity = true, has_cpufreq = true;  // one CPU without means that no other has it either
    for (int id : numbered_entries(*dir, "", "cpu")) {
        const auto cpu_dir = dir->open("cpu" + std::to_string(id));
        if (cpu_dir == nullptr) continue;
        SysfsCpu cpu;
        cpu.id = id;
        if (const auto topology = cpu_dir->open("topology")) {
            facts.with_topology.add(id);
            read_topology(*topology, id, covered, facts);
            if (has_capacity) cpu.capacity = read_int(*cpu_dir, "cpu_capacity");
            if (has_cpufreq) cpu.max_khz = read_unsigned(*cpu_dir, "cpufreq/cpuinfo_max_freq");
            has_capacity = cpu.capacity.has_value();
            has_cpufreq = cpu.max_khz.has_value();
        }
        facts.cpus.push_back(cpu);
    }
    read_core_types(root, facts);
    return facts;
}

}  // namespace torque
