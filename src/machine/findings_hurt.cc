// States and settings that will cost somebody time: CPUs that are away, nodes that lack a half, limits.
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "machine/findings_checks.h"

namespace torque::findings {
namespace {

constexpr const char* kOnline = "/sys/devices/system/cpu/online";
constexpr const char* kIsolated = "/sys/devices/system/cpu/isolated";
constexpr const char* kNohzFull = "/sys/devices/system/cpu/nohz_full";

std::string source_of_cores(const Machine& machine) {
    return source_of(machine, "cores", "/sys/devices/system/cpu/cpu*/topology/core_cpus");
}

CpuSet offline_cpus(const Machine& machine) {
    CpuSet offline;
    for (const Cpu& cpu : machine.cpus) {
        if (!cpu.online) offline.add(cpu.id);
    }
    return offline;
}

struct HalfCores {
    CpuSet cpus;      // those left of cores that lack a thread
    int cores = 0;    // so many of them
    int missing = 0;  // threads that they lack
    CpuSet siblings;  // the offline CPUs that these are, or may be
};

void add_core(HalfCores& half, const Core& core, int missing, const CpuSet& siblings) {
    half.cpus |= core.cpus;
    half.cores += 1;
    half.missing += missing;
    half.siblings |= siblings;
}

// Cores whose offline threads the machine names, and cores with fewer threads than the others of their type
// have. The kernel hides where an offline CPU belongs, so that the latter is an inference; it is dropped when
// more threads would be missing than CPUs are offline, as on a hybrid whose types the kernel does not name.
HalfCores half_cores(const Evidence& evidence) {
    const auto& cores = evidence.machine.cores;
    const CpuSet offline = offline_cpus(evidence.machine);
    if (offline.empty()) return {};
    std::map<std::optional<TypeId>, int> threads_max;
    for (const Core& core : cores) {
        int& most = threads_max[core.type];
        most = std::max(most, core.cpus.count());
    }
    HalfCores known, all;
    for (std::size_t i = 0; i < cores.size(); ++i) {
        const CpuSet& siblings = evidence.offline.of_core[i];
        const int missing = std::max(threads_max[cores[i].type] - cores[i].cpus.count(), siblings.count());
        if (missing == 0) continue;
        add_core(all, cores[i], missing, siblings);
        if (evidence.offline.known.contains(siblings) && !siblings.empty())
            add_core(known, cores[i], siblings.count(), siblings);
    }
    if (all.missing > offline.count()) return known;
    if (all.siblings.count() != all.missing) all.siblings = offline;
    return all;
}

// The second thread of a core is refused while SMT is switched off (Documentation/ABI/testing/
// sysfs-devices-system-cpu, smt/control), by nosmt or since; nosmt=force holds until the next boot.
std::string how_to_enable(const CpuSet& offline, std::string_view smt_control) {
    std::string how = "as root: chcpu --enable " + offline.list();
    if (smt_control == "off")
        how += ", or where that is refused: echo on > /sys/devices/system/cpu/smt/control";
    if (smt_control == "forceoff") how += ", or where that is refused: boot without nosmt=force";
    return how;
}

std::optional<Said> look_for_siblings(const Evidence& evidence) {
    const HalfCores half = half_cores(evidence);
    if (half.missing == 0) return std::nullopt;
    return Said{counted(half.cores, "core") + (half.cores == 1 ? " lacks" : " lack") +
                    " an SMT sibling that is offline: " + cpus_text(half.cpus) +
                    (half.cpus.count() == 1 ? " runs" : " run") +
                    " alone, offline: " + cpus_text(half.siblings),
                "fine where it is meant; an offline sibling that comes back disturbs its core (" +
                    how_to_enable(half.siblings, evidence.smt_control) + ")",
                {kOnline, source_of_cores(evidence.machine)}};
}

std::optional<Said> look_for_offline(const Evidence& evidence) {
    const CpuSet all_offline = offline_cpus(evidence.machine);
    // Where siblings are missing, the finding above has said it.
    const HalfCores half = half_cores(evidence);
    const CpuSet offline = half.siblings == all_offline ? all_offline : all_offline - half.siblings;
    if (offline.empty() || half.missing == all_offline.count()) return std::nullopt;
    return Said{
        cpus_text(offline) + (offline.count() == 1 ? " is" : " are") +
            " offline, and the kernel hides where such CPUs belong: cores and caches are listed without",
        "fine where it is meant (nosmt, maxcpus=); else " + how_to_enable(offline, evidence.smt_control),
        {kOnline}};
}

// "node 1", "nodes 2-5".
std::string nodes_text(const CpuSet& nodes) {
    return (nodes.count() == 1 ? "node " : "nodes ") + nodes.list();
}

// Node numbers are small, and print as CPU lists do.
template <class Predicate>
CpuSet nodes_where(const Machine& machine, Predicate holds) {
    CpuSet nodes;
    for (const Node& node : machine.nodes) {
        if (node.id.value >= 0 && node.id.value <= CpuSet::kMaxCpu && holds(node)) nodes.add(node.id.value);
    }
    return nodes;
}

std::optional<Said> look_for_memory(const Evidence& evidence) {
    const CpuSet nodes = nodes_where(
        evidence.machine, [](const Node& node) { return !node.cpus.empty() && node.memory_bytes == 0; });
    if (nodes.empty()) return std::nullopt;
    return Said{nodes_text(nodes) + (nodes.count() == 1 ? " has" : " have") + " CPUs and no memory",
                "every access of those CPUs goes to another node: check that each socket has DIMMs, or keep "
                "workers off them",
                {"/sys/devices/system/node/node*/meminfo"}};
}

std::optional<Said> look_for_cpuless(const Evidence& evidence) {
    const CpuSet nodes = nodes_where(evidence.machine, [](const Node& node) {
        return node.cpus.empty() && node.memory_bytes && *node.memory_bytes > 0;
    });
    if (nodes.empty()) return std::nullopt;
    return Said{
        nodes_text(nodes) + (nodes.count() == 1 ? " has" : " have") +
            " memory and no CPUs (HBM, CXL, a GPU's, or its CPUs are offline)",
        "no worker is local to it; the kernel fills it when nearer nodes are full, unless memory policy "
        "says otherwise",
        {"/sys/devices/system/node/node*/cpumap"}};
}

std::optional<Said> look_at_locality(const Evidence& evidence) {
    const auto with_cpus = std::count_if(evidence.machine.nodes.begin(), evidence.machine.nodes.end(),
                                         [](const Node& node) { return !node.cpus.empty(); });
    if (with_cpus < 2) return std::nullopt;
    constexpr int kNamed = 4;
    int count = 0;
    std::string names;
    for (const Device& device : evidence.machine.devices) {
        if ((device.kind != "network" && device.kind != "infiniband") || device.address.empty() ||
            device.node)
            continue;
        if (count++ < kNamed) {
            names += (names.empty() ? "" : ", ") + (device.name.empty() ? device.address : device.name);
        }
    }
    if (count == 0) return std::nullopt;
    if (count > kNamed) names += ", ...";
    return Said{counted(count, "network device") + " of this machine of " + std::to_string(with_cpus) +
                    " nodes " + (count == 1 ? "does" : "do") + " not tell which node is near: " + names,
                "no worker can be placed near to them; firmware should say (_PXM), in a guest the hypervisor",
                {"/sys/bus/pci/devices/*/numa_node"}};
}

std::optional<Said> look_at_queues(const Evidence& evidence) {
    const int cpus = online_cpus(evidence.machine).count();
    int count = 0;
    std::string example;
    for (const Device& device : evidence.machine.devices) {
        if (device.kind != "network" || !device.queues || *device.queues <= cpus || cpus == 0) continue;
        if (count++ == 0) example = device.name + " has " + std::to_string(*device.queues);
    }
    if (count == 0) return std::nullopt;
    return Said{counted(count, "network device") + (count == 1 ? " has" : " have") +
                    " more receive queues than the " + counted(cpus, "CPU") + " online: " + example,
                "some CPU serves several queues: as root, ethtool -L DEVICE combined N",
                {"/sys/class/net/*/queues"}};
}

struct SplitCores {
    int count = 0;
    CpuSet inside, outside;
};

SplitCores split_cores(const Machine& machine, const CpuSet& set) {
    SplitCores split;
    for (const Core& core : machine.cores) {
        const CpuSet inside = core.cpus & set;
        if (inside.empty() || inside == core.cpus) continue;
        ++split.count;
        split.inside |= inside;
        split.outside |= core.cpus - set;
    }
    return split;
}

std::optional<Said> look_at_isolated_cores(const Evidence& evidence) {
    const SplitCores split = split_cores(evidence.machine, evidence.machine.host.isolated);
    if (split.count == 0) return std::nullopt;
    return Said{
        "the isolated CPUs split " + counted(split.count, "core") + ": " + cpus_text(split.inside) +
            (split.inside.count() == 1 ? " is" : " are") + " isolated, not the siblings " +
            cpus_text(split.outside),
        "whatever runs on a sibling slows the isolated CPU: isolate whole cores (isolcpus=), or take the "
        "siblings offline",
        {kIsolated, source_of_cores(evidence.machine)}};
}

std::optional<Said> look_at_nohz(const Evidence& evidence) {
    const HostFacts& host = evidence.machine.host;
    const CpuSet apart = (host.nohz_full & online_cpus(evidence.machine)) - host.isolated;
    if (apart.empty()) return std::nullopt;
    return Said{
        cpus_text(apart) + (apart.count() == 1 ? " has" : " have") +
            " no tick (nohz_full) but the boot line does not isolate " + (apart.count() == 1 ? "it" : "them"),
        "the scheduler may put a second task there, and the tick is back: add isolcpus=domain, or make "
        "an isolated cpuset partition of them",
        {kNohzFull, kIsolated}};
}

std::optional<Said> look_at_cpuset(const Evidence& evidence) {
    const Machine& machine = evidence.machine;
    if (!machine.host.cgroup_cpus) return std::nullopt;
    const SplitCores split = split_cores(machine, *machine.host.cgroup_cpus);
    if (split.count == 0) return std::nullopt;
    return Said{
        "this cgroup's cpuset splits " + counted(split.count, "core") + ": " + cpus_text(split.inside) +
            (split.inside.count() == 1 ? " is" : " are") + " in it, not the siblings " +
            cpus_text(split.outside),
        "another container may run on the siblings: ask for whole cores (Kubernetes: the CPU manager's "
        "full-pcpus-only)",
        {source_of(machine, "cpus.allowed", "cpuset.cpus.effective"), source_of_cores(machine)}};
}

// "0.5", "2", "1.25": hundredths, rounded.
std::string quota_text(double quota) {
    const auto hundredths = static_cast<long>(std::lround(std::min(quota, 1e6) * 100));
    std::string text = std::to_string(hundredths / 100);
    const long rest = hundredths % 100;
    if (rest != 0) text += "." + std::to_string(rest / 10);
    if (rest % 10 != 0) text += std::to_string(rest % 10);
    return text;
}

std::optional<Said> look_at_quota(const Evidence& evidence) {
    const Machine& machine = evidence.machine;
    const auto& quota = machine.host.cpu_quota;
    const auto allowed = static_cast<int>(
        std::count_if(machine.cpus.begin(), machine.cpus.end(), [](const Cpu& cpu) { return cpu.allowed; }));
    if (!quota || !(*quota >= 0) || *quota >= allowed) return std::nullopt;
    return Said{
        "this cgroup may use " + quota_text(*quota) + " CPUs' worth of time on " + counted(allowed, "CPU"),
        "busy threads are stopped when it is used up, for up to a period of 100 ms by default: run no "
        "more workers than that, or raise the limit",
        {"cpu.max or cpu.cfs_quota_us of the cgroup and its ancestors"}};
}

std::optional<Said> look_at_descriptors(const Evidence& evidence) {
    constexpr std::uint64_t kEnough = 65'536;
    const Limits& limits = evidence.machine.host.limits;
    // The soft limit is a program's own to raise, and 1,024 by default on every machine.
    if (!limits.nofile_hard || *limits.nofile_hard >= kEnough) return std::nullopt;
    return Said{
        "a process may have at most " + std::to_string(*limits.nofile_hard) + " descriptors (hard limit)",
        "a server cannot hold more connections than that: LimitNOFILE= of its unit, or "
        "/etc/security/limits.conf",
        {"/proc/self/limits"}};
}

std::optional<Said> look_at_io_uring(const Evidence& evidence) {
    const auto& disabled = evidence.machine.host.limits.io_uring_disabled;
    if (disabled != 1 && disabled != 2) return std::nullopt;
    return Said{disabled == 1 ? "io_uring is for privileged processes only (kernel.io_uring_disabled = 1)"
                              : "io_uring is switched off (kernel.io_uring_disabled = 2)",
                disabled == 1 ? "run the server in the group of kernel.io_uring_group, or as root: sysctl "
                                "kernel.io_uring_disabled=0"
                              : "as root: sysctl kernel.io_uring_disabled=0",
                {"/proc/sys/kernel/io_uring_disabled"}};
}

std::optional<Said> look_at_distances(const Evidence& evidence) {
    const auto& distances = evidence.machine.distances;
    if (!distances || distances->matrix.size() != distances->nodes.size()) return std::nullopt;
    const auto& matrix = distances->matrix;
    int pairs = 0;
    std::string example;
    for (std::size_t i = 0; i < matrix.size(); ++i) {
        if (matrix[i].size() != matrix.size()) return std::nullopt;
        for (std::size_t j = 0; j < i; ++j) {
            if (matrix[i][j] == matrix[j][i]) continue;
            if (pairs++ > 0) continue;
            const std::string a = std::to_string(distances->nodes[j].value);
            const std::string b = std::to_string(distances->nodes[i].value);
            example = std::to_string(matrix[j][i]) + " from node " + a + " to " + b + ", " +
                      std::to_string(matrix[i][j]) + " back";
        }
    }
    if (pairs == 0) return std::nullopt;
    return Said{
        "the distances of " + counted(pairs, "pair") + " of nodes depend on the direction: " + example,
        "firmware (SLIT) may be wrong: measure before a plan rests on which node is nearer",
        {"/sys/devices/system/node/node*/distance"}};
}

}  // namespace

std::vector<Check> hurt_checks() {
    return {
        {"smt-sibling-offline", Severity::info, look_for_siblings},
        {"cpus-offline", Severity::info, look_for_offline},
        {"boot-line-hides", Severity::info, look_at_boot_line},
        {"isolated-split-core", Severity::warning, look_at_isolated_cores},
        {"nohz-full-not-isolated", Severity::info, look_at_nohz},
        {"cpuset-splits-core", Severity::warning, look_at_cpuset},
        {"cpu-quota-below-cpus", Severity::warning, look_at_quota},
        {"node-without-memory", Severity::warning, look_for_memory},
        {"node-without-cpus", Severity::info, look_for_cpuless},
        {"distances-asymmetric", Severity::info, look_at_distances},
        {"nic-without-locality", Severity::info, look_at_locality},
        {"more-queues-than-cpus", Severity::info, look_at_queues},
        {"nofile-limit-low", Severity::info, look_at_descriptors},
        {"io-uring-disabled", Severity::warning, look_at_io_uring},
    };
}

}  // namespace torque::findings
