#include "cli/gather_files.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/format.h"
#include "base/parse.h"
#include "cli/gather_clean.h"
#include "machine/devices.h"
#include "probes/arch.h"
#include "probes/cpu_info.h"

namespace torque {
namespace {

constexpr std::size_t kEntriesMax = 2'000'000;  // of one gathering: a hostile input ends
constexpr int kLinksMax = 32;                   // on the way to one file

using Clean = std::string (*)(std::string_view text);

// In folders, a part "*" is any name, and "cpu#" is "cpu" and a number. Files are parted by blanks; "@name"
// is a symbolic link that is kept without what it leads to, and "@node#" all links of such names; "=name" is
// no text. `clean` says what of a text is kept; null keeps all of it.
struct Rule {
    std::string_view folder;
    std::string_view files;
    Clean clean = nullptr;
    bool skip_virtual = false;  // pass over links that lead to a device without hardware
};

// torque-topo-gather(1) has this table in words. No serial number, MAC or IP address, UUID, host or user name
// may come with any of these; what could hold one has a `clean`.
constexpr Rule kRules[] = {
    {"proc", "cpuinfo", clean_cpuinfo},
    {"proc", "meminfo interrupts"},
    {"proc", "version", clean_version},
    {"proc", "cmdline", clean_cmdline},
    {"proc", "sysinfo", clean_sysinfo},
    {"proc/self", "limits"},
    {"proc/sys/kernel",
     "arch io_uring_disabled numa_balancing osrelease ostype sched_rt_runtime_us threads-max "
     "timer_migration watchdog nmi_watchdog soft_watchdog watchdog_cpumask"},
    {"proc/sys/vm", "nr_hugepages stat_interval swappiness zone_reclaim_mode"},
    {"proc/irq", "default_smp_affinity"},
    {"proc/irq/#", "smp_affinity smp_affinity_list effective_affinity effective_affinity_list node"},
    {"proc/device-tree", "compatible"},
    {"proc/device-tree", "ibm,partition-name hmc-managed?", clean_presence},
    {"proc/device-tree/hypervisor", "compatible"},
    {"proc/driver/nvidia/gpus/*", "numa_status"},
    {"proc/driver/nvidia/gpus/*", "information", clean_nvidia},

    {"sys/devices/system/cpu", "possible present online offline isolated nohz_full kernel_max"},
    {"sys/devices/system/cpu/smt", "active control"},
    {"sys/devices/system/cpu/cpu#", "online cpu_capacity"},
    {"sys/devices/system/cpu/cpu#/topology",
     "core_id physical_package_id die_id cluster_id book_id drawer_id core_cpus core_cpus_list core_siblings "
     "core_siblings_list thread_siblings thread_siblings_list package_cpus package_cpus_list die_cpus "
     "die_cpus_list "
     "cluster_cpus cluster_cpus_list book_siblings book_siblings_list drawer_siblings drawer_siblings_list"},
    {"sys/devices/system/cpu/cpu#/cache/index#",
     "id level type size coherency_line_size ways_of_associativity number_of_sets physical_line_partition "
     "shared_cpu_map shared_cpu_list"},
    {"sys/devices/system/cpu/cpu#/cpufreq",
     "cpuinfo_max_freq cpuinfo_min_freq base_frequency scaling_driver scaling_governor scaling_max_freq "
     "scaling_min_freq energy_performance_preference affected_cpus related_cpus"},
    {"sys/devices/system/cpu/cpu#/acpi_cppc",
     "highest_perf nominal_perf lowest_perf lowest_nonlinear_perf nominal_freq lowest_freq"},
    {"sys/devices/system/cpu/cpu#/regs/identification", "midr_el1"},
    {"sys/devices/system/cpu/cpu#/cpuidle/state#", "name latency disable"},
    {"sys/devices/system/cpu/cpuidle", "current_driver current_governor"},
    {"sys/devices/system/cpu/intel_pstate", "status no_turbo"},
    {"sys/devices/system/cpu/amd_pstate", "status"},
    {"sys/devices/system/cpu/cpufreq", "boost"},
    {"sys/devices/system/cpu/vulnerabilities",
     "gather_data_sampling ghostwrite indirect_target_selection itlb_multihit l1tf mds meltdown "
     "mmio_stale_data "
     "old_microcode reg_file_data_sampling retbleed spec_rstack_overflow spec_store_bypass spectre_v1 "
     "spectre_v2 "
     "srbds tsa tsx_async_abort vmscape"},
    {"sys/devices/system/clocksource/clocksource0", "available_clocksource current_clocksource"},
    {"sys/devices/cpu_core", "cpus"},
    {"sys/devices/cpu_atom", "cpus"},
    {"sys/devices/cpu_lowpower", "cpus"},
    {"sys/devices/virtual/workqueue", "cpumask"},
    {"sys/devices/virtual/memory_tiering/*", "nodelist"},
    {"sys/devices/virtual/dmi/id",
     "bios_date bios_vendor bios_version board_name board_vendor board_version chassis_type chassis_vendor "
     "product_family product_name product_version sys_vendor"},
    {"sys/class/dmi/id", "sys_vendor product_name"},

    {"sys/devices/system/node", "possible online has_cpu has_memory has_normal_memory has_generic_initiator"},
    {"sys/devices/system/node/node#", "cpumap cpulist meminfo distance"},
    {"sys/devices/system/node/node#/hugepages/*", "nr_hugepages free_hugepages surplus_hugepages"},
    {"sys/devices/system/node/node#/access#/initiators",
     "read_bandwidth write_bandwidth read_latency write_latency @node#"},
    {"sys/devices/system/node/node#/memory_side_cache/index#", "size line_size indexing write_policy"},
    {"sys/kernel/mm/hugepages/*", "nr_hugepages free_hugepages"},
    {"sys/kernel/mm/transparent_hugepage", "enabled defrag"},
    {"sys/firmware/acpi/tables", "=APIC"},
    {"sys/hypervisor", "type"},
    {"sys/module/intel_idle/parameters", "max_cstate"},
    {"sys/module/processor/parameters", "max_cstate"},

    {"sys/bus/pci/devices/*",
     "class vendor device revision subsystem_vendor subsystem_device numa_node local_cpus local_cpulist "
     "uevent "
     "current_link_speed current_link_width max_link_speed max_link_width mem_info_vram_total @driver"},
    {"sys/bus/pci/devices/*", "config", clean_pci_config},
    {"sys/bus/pci/devices/*/msi_irqs", "*"},
    {"sys/bus/pci/devices/*/drm/*", "enabled"},
    {"sys/bus/dax/devices/*", "target_node size numa_node"},
    {"sys/class/net/*", "operstate speed duplex mtu type @device", nullptr, true},
    {"sys/class/net/*/device", "numa_node local_cpus local_cpulist @driver", nullptr, true},
    {"sys/class/net/*/queues/*", "rps_cpus xps_cpus tx_timeout", nullptr, true},
    {"sys/class/infiniband/*", "node_type @device", nullptr, true},
    {"sys/block/*", "size @device", nullptr, true},
    {"sys/class/block/*", "dev partition size @device", nullptr, true},
    {"sys/block/*/device", "model numa_node @driver", nullptr, true},
    {"sys/block/*/queue", "rotational hw_sector_size logical_block_size", nullptr, true},
    {"sys/block/*/mq/#", "cpu_list", nullptr, true},
    {"sys/class/drm/*", "@device", nullptr, true},
    {"sys/kernel/irq/#", "actions chip_name hwirq name type"},
    {"sys/kernel/debug/irq/irqs", "*"},
};

bool is_number(std::string_view text) {
    return parse_unsigned(text).has_value();
}

bool matches(std::string_view name, std::string_view part) {
    if (part == "*") return true;
    if (!part.ends_with('#')) return name == part;
    part.remove_suffix(1);
    return name.starts_with(part) && is_number(name.substr(part.size()));
}

// "a/b/../c" → "a/c"; absent when it leads above the root.
std::optional<std::string> plain_path(std::string_view path) {
    std::vector<std::string_view> parts;
    while (!path.empty()) {
        const std::string_view part = take_until(path, '/');
        if (part.empty() || part == ".") continue;
        if (part != "..") {
            parts.push_back(part);
        } else if (parts.empty()) {
            return std::nullopt;
        } else {
            parts.pop_back();
        }
    }
    std::string out;
    for (const std::string_view part : parts) out.append(out.empty() ? "" : "/").append(part);
    return out;
}

std::string join(const std::string& folder, std::string_view name) {
    return folder.empty() ? std::string(name) : folder + "/" + std::string(name);
}

class Gatherer {
  public:
    Gatherer(const Dir& root, MemoryNode& top) : root_(root), top_(top) {}

    void apply(const Rule& rule) { walk("", rule.folder, rule, 0); }

    // The text of a file as what another rule than the table's makes of it.
    void put(const std::string& path, std::string text) {
        MemoryNode* node = top_.make(path);
        if (node == nullptr || !node->entries.empty() || ++entries_ > kEntriesMax) return;
        // What was empty stays so: to hwloc a lone newline in cpuN/online is a zero.
        if (!text.empty() && !text.ends_with('\n')) text += '\n';
        *node = MemoryNode{MemoryNode::Kind::file, std::move(text), {}};
    }

  private:
    // Goes on from `at`, a path without links, with the parts of the rule's folder that are left.
    void walk(const std::string& at, std::string_view left, const Rule& rule, int links) {
        if (entries_ > kEntriesMax) return;
        if (left.empty()) return copy(at, rule);
        const std::string_view part = take_until(left, '/');
        if (part.find_first_of("*#") == part.npos) return enter(at, part, left, rule, links);
        for (const std::string& name : root_.list(at)) {
            if (matches(name, part) && !is_named_by_address(name)) enter(at, name, left, rule, links);
        }
    }

    void enter(const std::string& at, std::string_view name, std::string_view left, const Rule& rule,
               int links) {
        const std::string path = join(at, name);
        // /proc/self is a link to a number that is another each time.
        const auto link = at.starts_with("proc") ? std::nullopt : root_.link(path);
        if (!link) {
            if (root_.open(path) != nullptr) walk(path, left, rule, links);
            return;
        }
        if (links >= kLinksMax || (rule.skip_virtual && link->find("/virtual/") != link->npos)) return;
        const auto target = plain_path(link->starts_with('/') ? *link : join(at, *link));
        if (!target || target->empty() || !keep_link(path, *link)) return;
        // The target may itself lie behind links: it is walked to from the root.
        walk_target(*target, left, rule, links + 1);
    }

    // The parts of the target are names, even where they hold the letters '*' and '#'.
    void walk_target(const std::string& target, std::string_view left, const Rule& rule, int links) {
        if (root_.open(target) != nullptr) walk(target, left, rule, links);
    }

    bool keep_link(const std::string& path, const std::string& target) {
        MemoryNode* node = top_.make(path);
        if (node == nullptr || !node->entries.empty() || ++entries_ > kEntriesMax) return false;
        *node = MemoryNode{MemoryNode::Kind::link, target, {}};
        return true;
    }

    void copy(const std::string& folder, const Rule& rule) {
        if (rule.files == "*") {
            for (const std::string& name : root_.list(folder)) {
                if (is_number(name)) copy_file(folder, name, rule);
            }
            return;
        }
        for (std::string_view rest = rule.files; !rest.empty();)
            copy_file(folder, take_until(rest, ' '), rule);
    }

    void copy_file(const std::string& folder, std::string_view name, const Rule& rule) {
        if (name.starts_with('@')) return copy_links(folder, name.substr(1));
        if (name.starts_with('=')) return copy_bytes(join(folder, name.substr(1)));
        const std::string path = join(folder, name);
        const auto text = root_.read(path);
        if (text) put(path, rule.clean != nullptr ? rule.clean(*text) : *text);
    }

    void copy_bytes(const std::string& path) {
        constexpr std::size_t kBytesMax = std::size_t{1} << 20;
        const auto file = root_.open_file(path);
        if (file == nullptr) return;
        const std::string_view bytes = file->read_at(0, kBytesMax);
        MemoryNode* node = bytes.empty() ? nullptr : top_.make(path);
        if (node == nullptr || !node->entries.empty() || ++entries_ > kEntriesMax) return;
        *node = MemoryNode{MemoryNode::Kind::file, std::string(bytes), {}};
    }

    void copy_links(const std::string& folder, std::string_view pattern) {
        std::vector<std::string> names(1, std::string(pattern));
        if (pattern.ends_with('#')) names = root_.list(folder);
        for (const std::string& name : names) {
            const std::string path = join(folder, name);
            const auto link =
                pattern.ends_with('#') && !matches(name, pattern) ? std::nullopt : root_.link(path);
            if (link) keep_link(path, *link);
        }
    }

    const Dir& root_;
    MemoryNode& top_;
    std::size_t entries_ = 0;
};

// Control groups are named after services, users and containers: their names become g1, g2 and so on.
class GroupNames {
  public:
    // "/user.slice/a.service" → "/g1/g2"; absent where the path leads out of what this process may see.
    std::optional<std::string> hidden(std::string_view path) {
        std::string out;
        while (!path.empty()) {
            const std::string_view part = take_until(path, '/');
            if (part.empty() || part == ".") continue;
            if (part == "..") return std::nullopt;
            const auto name =
                names_.emplace(std::string(part), "g" + std::to_string(names_.size() + 1)).first;
            out += "/" + name->second;
        }
        return out.empty() ? "/" : out;
    }

  private:
    std::map<std::string, std::string> names_;
};

// The files of a group and of its ancestors that say which CPUs and how much time it has.
void gather_group(const Dir& root, const std::string& mount, std::string group, GroupNames& names,
                  Gatherer& out) {
    static constexpr const char* kFiles[] = {
        "cpuset.cpus.effective",
        "cpuset.cpus.partition",
        "cpuset.cpus",
        "cpuset.effective_cpus",
        "effective_cpus",
        "cpus",
        "cpu.max",
        "cpu.cfs_quota_us",
        "cpu.cfs_period_us",
        "cpuset.mems",
        "cpuset.mems.effective",
        "cgroup.controllers",
    };
    for (;;) {
        while (group.ends_with('/')) group.pop_back();
        const auto hidden = names.hidden(group);
        for (const char* file : kFiles) {
            const auto text = hidden ? root.read(mount + group + "/" + file) : std::nullopt;
            if (text) out.put(mount + (*hidden == "/" ? "" : *hidden) + "/" + file, *text);
        }
        if (group.empty()) return;
        group.resize(group.rfind('/') == group.npos ? 0 : group.rfind('/'));
    }
}

bool shares_word(std::string_view a, std::string_view b) {
    while (!a.empty()) {
        const std::string_view word = take_until(a, ',');
        for (std::string_view rest = b; !rest.empty();) {
            if (take_until(rest, ',') == word) return true;
        }
    }
    return false;
}

void gather_groups(const Dir& root, Gatherer& out) {
    const auto groups = root.read("proc/self/cgroup");
    auto mounts = root.read("proc/self/mounts");
    if (!mounts) mounts = root.read("proc/mounts");
    if (!groups || !mounts) return;
    const std::string kept_mounts = clean_mounts(*mounts);
    out.put("proc/self/mounts", kept_mounts);
    out.put("proc/mounts", kept_mounts);
    GroupNames names;
    std::string lines;
    for (std::string_view rest = *groups; !rest.empty();) {
        std::string_view group = take_line(rest);
        const std::string_view number = take_until(group, ':');
        const std::string_view controllers = take_until(group, ':');
        const auto hidden = names.hidden(group);
        const bool is_named = controllers.starts_with("name=");
        if (!hidden || is_named) continue;
        lines.append(number).append(":").append(controllers).append(":").append(*hidden).append("\n");
        for (std::string_view left = kept_mounts; !left.empty();) {
            std::string_view mount = take_line(left);
            take_until(mount, ' ');
            const std::string point(take_until(mount, ' ').substr(1));
            const std::string_view type = take_until(mount, ' ');
            const std::string_view options = take_until(mount, ' ');
            const bool matches_it =
                controllers.empty() ? type == "cgroup2" : shares_word(controllers, options);
            if (matches_it) gather_group(root, point, std::string(group), names, out);
        }
    }
    out.put("proc/self/cgroup", lines);
    if (const auto cpuset = root.read("proc/self/cpuset")) {
        if (const auto hidden = names.hidden(*cpuset)) out.put("proc/self/cpuset", *hidden);
    }
}

// hwloc reads the machine's architecture, without which it does not know the cores of a Bulldozer, from a
// file that its own gatherer writes. Kernels before 6.1 tell it by the form of /proc/cpuinfo alone.
void add_architecture(const Dir& root, Gatherer& out) {
    std::optional<std::string> arch = read_arch(root);
    if (!arch) {
        for (const CpuInfo& cpu : read_cpu_info(root)) {
            if (!arch) arch = cpu.arch;
        }
    }
    std::string text = "OSName: Linux\n";
    if (const auto release = root.read("proc/sys/kernel/osrelease"))
        text += "OSRelease: " + printable(*release) + "\n";
    if (arch) out.put("proc/hwloc-nofile-info", text + "Architecture: " + *arch + "\n");
}

// The names of the devices that there are, as a list of PCI ids of its own: a snapshot is read with no other.
void add_pci_names(const Dir& root, Gatherer& out) {
    std::string text;
    std::optional<std::uint16_t> vendor;
    for (const auto& [id, names] : read_devices(root).names) {
        if (vendor != id.first && names.vendor) text += formatted("{:04x}  {}\n", id.first, *names.vendor);
        vendor = id.first;
        if (names.vendor && names.device) text += formatted("\t{:04x}  {}\n", id.second, *names.device);
    }
    if (!text.empty()) out.put("usr/share/misc/pci.ids", text);
}

}  // namespace

void gather_files(const Dir& root, MemoryNode& top) {
    Gatherer gatherer(root, top);
    for (const Rule& rule : kRules) gatherer.apply(rule);
    gather_groups(root, gatherer);
    add_architecture(root, gatherer);
    add_pci_names(root, gatherer);
}

}  // namespace torque
