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
    std::array<const char*, 4> files;  // two masks, two lists
};

constexpr int kMaskFiles = 2;

constexpr Level kLevels[] = {
    {&SysfsCpuFacts::cores,
     "topology/core_id",
     {"topology/core_cpus", "topology/thread_siblings", "topology/core_cpus_list",
      "topology/thread_siblings_list"}},
    {&SysfsCpuFacts::clusters,
     "topology/cluster_id",
     {"topology/cluster_cpus", nullptr, "topology/cluster_cpus_list", nullptr}},
    {&SysfsCpuFacts::dies,
     "topology/die_id",
     {"topology/die_cpus", nullptr, "topology/die_cpus_list", nullptr}},
    {&SysfsCpuFacts::packages,
     "topology/physical_package_id",
     {"topology/package_cpus", "topology/core_siblings", "topology/package_cpus_list",
      "topology/core_siblings_list"}},
};

// What is known of a level so far, so that nothing is asked twice.
struct Progress {
    CpuSet covered;           // CPUs of the groups read
    std::optional<int> file;  // which of Level::files this kernel has; all CPUs have the same
    bool absent = false;      // it has none
};

std::optional<CpuSet> read_group_cpus(const Dir& dir, PathsBelow& cpu, const Level& level,
                                      Progress& progress) {
    for (int i = progress.file.value_or(0); i < static_cast<int>(level.files.size()); ++i) {
        const char* name = level.files[static_cast<std::size_t>(i)];
        if (name == nullptr) continue;
        auto set = i < kMaskFiles ? read_cpu_mask(dir, cpu.path(name)) : read_cpu_list(dir, cpu.path(name));
        if (set) {
            progress.file = i;
            return set;
        }
    }
    return std::nullopt;
}

std::optional<int> read_group_id(const Dir& dir, PathsBelow& cpu, const Level& level) {
    const auto id = read_int(dir, cpu.path(level.id));
    return id && *id >= 0 && *id != 65535 ? id : std::nullopt;
}

// Reads CPUs in ascending order; every file once for a core, a die, a package, and not for each of its CPUs.
class TopologyReader {
  public:
    explicit TopologyReader(SysfsCpuFacts& facts) : facts_(facts) {}

    // Whether all of the CPU's groups are known.
    bool covers(int id) const {
        for (const Progress& progress : progress_) {
            if (!progress.absent && !progress.covered.contains(id)) return false;
        }
        return true;
    }

    // Whether the CPU has a topology: an offline one has none.
    bool read(const Dir& dir, PathsBelow& cpu, int id) {
        bool is_there = false;
        for (std::size_t i = 0; i < std::size(kLevels); ++i) {
            Progress& progress = progress_[i];
            if (progress.absent || progress.covered.contains(id)) continue;
            auto cpus = read_group_cpus(dir, cpu, kLevels[i], progress);
            is_there = is_there || cpus || dir.open(cpu.path("topology")) != nullptr;
            if (!is_there) return false;
            facts_.with_topology.add(id);
            if (!cpus) {
                progress.absent = !progress.file;
                continue;
            }
            cpus->add(id);
            // The lowest of them was read before, and would have covered this CPU if it agreed.
            if ((*cpus & facts_.with_topology).first() != id) continue;
            progress.covered |= *cpus;
            (facts_.*kLevels[i].groups).push_back({read_group_id(dir, cpu, kLevels[i]), std::move(*cpus)});
        }
        return is_there;
    }

  private:
    SysfsCpuFacts& facts_;
    std::array<Progress, std::size(kLevels)> progress_;
};

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
    const auto isolated = read_cpu_list(*dir, "isolated"), nohz_full = read_cpu_list(*dir, "nohz_full");
    facts.shows_isolated = isolated.has_value();
    facts.shows_nohz_full = nohz_full.has_value();
    facts.isolated = isolated.value_or(CpuSet{});
    facts.nohz_full = nohz_full.value_or(CpuSet{});
    TopologyReader topology(facts);
    bool has_capacity = true, has_cpufreq = true;  // one CPU without means that no other has it either
    for (int id : numbered_entries(*dir, "", "cpu")) {
        if (id >= kSysfsCpusMax) break;
        SysfsCpu cpu;
        cpu.id = id;
        PathsBelow files("cpu" + std::to_string(id) + "/");
        if (topology.covers(id) ||
            topology.read(*dir, files, id)) {  // covered: a sibling told of it, and it is online
            facts.with_topology.add(id);
            if (has_capacity) cpu.capacity = read_int(*dir, files.path("cpu_capacity"));
            if (has_cpufreq) cpu.max_khz = read_unsigned(*dir, files.path("cpufreq/cpuinfo_max_freq"));
            has_capacity = cpu.capacity.has_value();
            has_cpufreq = cpu.max_khz.has_value();
        }
        facts.cpus.push_back(cpu);
    }
    read_core_types(root, facts);
    if (facts.with_topology.count() < static_cast<int>(facts.cpus.size())) {
        if (const auto text = dir->read("smt/control")) facts.smt_control = trim_space(*text);
    }
    return facts;
}

}  // namespace torque
