// What a hypervisor says of its guest: that it is one, and claims that no processor would make.
#include <algorithm>
#include <map>
#include <utility>

#include "base/parse.h"
#include "machine/findings_checks.h"

namespace torque::findings {
namespace {

constexpr const char* kHypervisorBit = "CPUID: leaf 1 ECX[31], leaf 0x40000000";

bool is_guest(const Evidence& evidence) {
    return findings::is_guest(evidence.machine, evidence.cpuid);
}

std::string with_source(const Evidence& evidence, std::string_view fact) {
    return source_of(evidence.machine, fact, evidence.machine.host.source);
}

int threads_max(const Machine& machine) {
    int most = 0;
    for (const Core& core : machine.cores) most = std::max(most, core.cpus.count());
    return most;
}

int package_cores_max(const Machine& machine) {
    std::map<PackageId, int> cores;
    int most = 0;
    for (const Core& core : machine.cores) {
        if (core.package) most = std::max(most, ++cores[*core.package]);
    }
    return most;
}

// "AMD EPYC 7763 64-Core Processor", "AMD FX(tm)-8350 Eight-Core Processor": how many cores the brand names.
std::optional<int> brand_cores(const Machine& machine) {
    static constexpr struct {
        std::string_view word;
        int count;
    } kWords[] = {{"Dual", 2}, {"Triple", 3}, {"Quad", 4}, {"Six", 6}, {"Eight", 8}};
    constexpr std::uint64_t kCoresMax = 4096;
    if (!machine.host.model) return std::nullopt;
    std::string_view brand = *machine.host.model;
    const std::size_t end = brand.find("-Core");
    if (end == std::string_view::npos) return std::nullopt;
    brand = brand.substr(0, end);
    brand = brand.substr(brand.rfind(' ') + 1);  // npos + 1 is 0
    for (const auto& row : kWords) {
        if (brand == row.word) return row.count;
    }
    const auto count = parse_unsigned(brand, kCoresMax);
    return count && *count > 0 ? std::optional(static_cast<int>(*count)) : std::nullopt;
}

std::optional<Said> look_at_guest(const Evidence& evidence) {
    if (!is_guest(evidence)) return std::nullopt;
    const Machine& machine = evidence.machine;
    std::string message = "this is a guest";
    if (const auto& name = machine.host.hypervisor) {
        message += (name->starts_with("unknown") ? " of an " : " of ") + *name;
    }
    message += ": cores, caches and nodes are what the hypervisor says";
    const auto named = brand_cores(machine);
    const int shown = package_cores_max(machine);
    if (named && shown > 0 && shown < *named) {
        message += "; the brand's processor has " + counted(*named, "core") + ", a package here " +
                   std::to_string(shown);
    }
    if (threads_max(machine) == 1 && machine.cores.size() > 1 && evidence.offline.known.empty()) {
        message += "; no SMT is shown, yet two of its cores may be the threads of one";
    }
    return Said{
        message,
        "have the virtual CPUs bound to CPUs of the host and its topology passed on, or measure before "
        "you rely on it",
        {source_of(machine, "host.hypervisor", kHypervisorBit)}};
}

std::optional<Said> look_at_sockets(const Evidence& evidence) {
    const int packages = static_cast<int>(evidence.machine.packages.size());
    if (!is_guest(evidence) || packages < 2 || packages != online_cpus(evidence.machine).count()) {
        return std::nullopt;
    }
    return Said{"each of the " + std::to_string(packages) + " CPUs is a package of its own",
                "give the guest cores instead of sockets (QEMU: -smp sockets=1,cores=N; VMware: cores per "
                "socket): schedulers, licences and plans take packages for far apart",
                {with_source(evidence, "packages")}};
}

std::optional<Said> look_at_brand(const Evidence& evidence) {
    const auto named = brand_cores(evidence.machine);
    const int shown = package_cores_max(evidence.machine);
    if (!is_guest(evidence) || !named || shown <= *named) return std::nullopt;
    return Said{
        "a package has " + counted(shown, "core") + ", but the processor that the brand names has " +
            std::to_string(*named) + ": " + *evidence.machine.host.model,
        "some of these cores must be threads of one, or share one in turns: give the guest the host's "
        "threads per core",
        {with_source(evidence, "cores"), with_source(evidence, "types")}};
}

std::optional<Said> look_at_l3(const Evidence& evidence) {
    const Machine& machine = evidence.machine;
    if (!is_guest(evidence) || machine.cores.size() < 2) return std::nullopt;
    std::map<int, CoreId> core_of_cpu;
    for (const Cpu& cpu : machine.cpus) {
        if (cpu.core) core_of_cpu[cpu.id.value] = *cpu.core;
    }
    int count = 0;
    CpuSet with_l3;
    for (const Cache& cache : machine.caches) {
        if (cache.level != 3) continue;
        ++count;
        with_l3 |= cache.cpus;
        for (int cpu : cache.cpus) {
            const auto first = core_of_cpu.find(cache.cpus.first()), at = core_of_cpu.find(cpu);
            if (at == core_of_cpu.end() || first->second != at->second) return std::nullopt;
        }
    }
    if (count < 2 || with_l3 != online_cpus(machine)) return std::nullopt;
    return Said{
        "each of the " + counted(static_cast<int>(machine.cores.size()), "core") +
            " has an L3 of its own, which few processors have: they probably share",
        "have the host's caches passed on (QEMU: -cpu host,host-cache-info=on with the host's threads "
        "and cores); until then last-level caches tell nothing of who disturbs whom",
        {with_source(evidence, "caches")}};
}

std::optional<Said> look_for_caches(const Evidence& evidence) {
    if (!is_guest(evidence) || !evidence.machine.caches.empty()) return std::nullopt;
    return Said{"the hypervisor tells of no cache",
                "plans cannot keep workers out of one another's last-level cache, nor size buffers by it",
                {"/sys/devices/system/cpu/cpu*/cache", "CPUID leaves 4, 0x8000001D, 0x80000006"}};
}

std::optional<Said> look_at_nodes(const Evidence& evidence) {
    if (!is_guest(evidence)) return std::nullopt;
    using Pair = std::pair<NodeId, PackageId>;
    std::map<Pair, int> common;
    std::map<NodeId, int> in_node;
    std::map<PackageId, int> in_package;
    for (const Cpu& cpu : evidence.machine.cpus) {
        if (!cpu.node || !cpu.package) continue;
        ++common[{*cpu.node, *cpu.package}];
        ++in_node[*cpu.node];
        ++in_package[*cpu.package];
    }
    const auto overlap = std::find_if(common.begin(), common.end(), [&](const auto& entry) {
        return entry.second < in_node[entry.first.first] && entry.second < in_package[entry.first.second];
    });
    if (overlap == common.end()) return std::nullopt;
    const auto& [node, package] = overlap->first;
    return Said{"node " + std::to_string(node.value) + " and package " + std::to_string(package.value) +
                    " share " + counted(overlap->second, "CPU") +
                    ", and each has others that the other lacks",
                "lay the guest's nodes out along its sockets: one of the two is made up",
                {with_source(evidence, "nodes"), with_source(evidence, "packages")}};
}

}  // namespace

std::vector<Check> claim_checks() {
    return {
        {"vm-guest", Severity::info, look_at_guest},
        {"vm-socket-per-vcpu", Severity::warning, look_at_sockets},
        {"vm-brand-topology", Severity::warning, look_at_brand},
        {"vm-l3-per-vcpu", Severity::warning, look_at_l3},
        {"vm-no-caches", Severity::info, look_for_caches},
        {"vm-numa-crosses-packages", Severity::warning, look_at_nodes},
    };
}

}  // namespace torque::findings
