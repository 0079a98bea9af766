// Sources that disagree: the kernel against CPUID, and the kernel against itself.
#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "machine/findings_checks.h"

namespace torque::findings {
namespace {

template <class Group>
CpuSet cpus_of(const std::vector<Group>& groups) {
    CpuSet cpus;
    for (const Group& group : groups) cpus |= group.cpus;
    return cpus;
}

template <class Group>
std::optional<Said> compare_groups(const std::vector<Group>& kernel, const std::vector<Group>& cpuid,
                                   const std::string& thing) {
    const CpuSet common = cpus_of(kernel) & cpus_of(cpuid);
    const auto ours = sets_among(kernel, common), theirs = sets_among(cpuid, common);
    const auto unlike = first_difference(ours, theirs);
    if (!unlike) return std::nullopt;
    return Said{"the kernel tells of " + counted(static_cast<int>(ours.size()), thing) + ", CPUID of " +
                    std::to_string(theirs.size()) + " on the same CPUs: one has " + cpus_text(unlike->first) +
                    " by the kernel, " + cpus_text(unlike->second) + " by CPUID",
                "the kernel's are used; a newer kernel, or in a guest another CPU model, may settle it",
                {}};
}

std::optional<Said> with_sources(std::optional<Said> said, const Evidence& evidence, std::string_view fact,
                                 std::string_view kernel_files) {
    if (!said) return said;
    said->sources = {source_of(evidence.kernel, fact, kernel_files),
                     source_of(evidence.cpuid, fact, evidence.cpuid.host.source)};
    return said;
}

// The kernel calls the cores of a Bulldozer compute unit threads, which split_compute_units() tells of.
bool has_compute_units(const Machine& cpuid) {
    return std::any_of(cpuid.types.begin(), cpuid.types.end(), [](const CoreType& type) {
        return type.vendor == "AuthenticAMD" && type.family == 0x15;
    });
}

std::optional<Said> look_at_cores(const Evidence& evidence) {
    if (has_compute_units(evidence.cpuid)) return std::nullopt;
    return with_sources(compare_groups(evidence.kernel.cores, evidence.cpuid.cores, "core"), evidence,
                        "cores", "/sys/devices/system/cpu/cpu*/topology/core_cpus");
}

std::optional<Said> look_at_packages(const Evidence& evidence) {
    auto said = with_sources(compare_groups(evidence.kernel.packages, evidence.cpuid.packages, "package"),
                             evidence, "packages", "/sys/devices/system/cpu/cpu*/topology/package_cpus");
    if (said) said->sources.back() = source_of(evidence.cpuid, "cores", evidence.cpuid.host.source);
    return said;
}

const char* type_text(CacheType type) {
    switch (type) {
        case CacheType::data:
            return " data cache";
        case CacheType::instruction:
            return " instruction cache";
        case CacheType::unified:
            break;
    }
    return " cache";
}

std::string cache_text(const Cache& cache, const CpuSet& cpus) {
    return (cache.size_bytes ? size_text(*cache.size_bytes) : "unknown size") + " for " + cpus_text(cpus);
}

std::optional<Said> look_at_caches(const Evidence& evidence) {
    if (evidence.kernel.caches.empty()) return std::nullopt;
    const CpuSet common = cpus_of(evidence.kernel.caches) & cpus_of(evidence.cpuid.caches);
    std::map<std::tuple<int, CacheType, int>, const Cache*> of_cpu;
    for (const Cache& cache : evidence.cpuid.caches) {
        for (int cpu : cache.cpus) of_cpu[{cache.level, cache.type, cpu}] = &cache;
    }
    int differing = 0;
    std::string example;
    for (const Cache& cache : evidence.kernel.caches) {
        const CpuSet ours = cache.cpus & common;
        const auto at = of_cpu.find({cache.level, cache.type, ours.first()});
        if (at == of_cpu.end()) continue;
        const Cache& other = *at->second;
        const CpuSet theirs = other.cpus & common;
        const bool same_size = !cache.size_bytes || !other.size_bytes || cache.size_bytes == other.size_bytes;
        if (same_size && ours == theirs) continue;
        if (differing++ > 0) continue;
        example = "an L" + std::to_string(cache.level) + type_text(cache.type) + " has " +
                  cache_text(cache, ours) + " by the kernel, " + cache_text(other, theirs) + " by CPUID";
    }
    if (differing == 0) return std::nullopt;
    return with_sources(
        Said{counted(differing, "cache") + (differing == 1 ? " differs" : " differ") +
                 " between the kernel and CPUID: " + example,
             "the kernel's are used; in a guest, have the hypervisor pass the host's caches on",
             {}},
        evidence, "caches", "/sys/devices/system/cpu/cpu*/cache/index*");
}

std::optional<Said> look_at_apic_ids(const Evidence& evidence) {
    if (evidence.kernel.cpus.empty()) return std::nullopt;
    std::map<CpuId, std::uint32_t> of_cpu;
    for (const Cpu& cpu : evidence.cpuid.cpus) {
        if (cpu.apic_id) of_cpu[cpu.id] = *cpu.apic_id;
    }
    CpuSet differing;
    std::string example;
    for (const Cpu& cpu : evidence.kernel.cpus) {
        const auto at = of_cpu.find(cpu.id);
        if (!cpu.apic_id || at == of_cpu.end() || *cpu.apic_id == at->second) continue;
        if ((*cpu.apic_id & 0xff) == at->second) continue;  // leaf 1 has room for eight bits
        if (differing.empty()) {
            example = std::to_string(*cpu.apic_id) + " and " + std::to_string(at->second) + " on CPU " +
                      std::to_string(cpu.id.value);
        }
        differing.add(cpu.id);
    }
    if (differing.empty()) return std::nullopt;
    return Said{
        "the APIC ids of " + cpus_text(differing) + " differ between /proc/cpuinfo and CPUID: " + example,
        "CPUID's are shown; the kernel's count where interrupts are routed by hand",
        {"/proc/cpuinfo", evidence.cpuid.host.source}};
}

std::optional<Said> look_at_node_memory(const Evidence& evidence) {
    constexpr std::uint64_t kTolerance = 20;  // one part in
    const auto& total = evidence.machine.host.memory_bytes;
    if (!total || *total == 0 || evidence.machine.nodes.empty()) return std::nullopt;
    std::uint64_t sum = 0;
    for (const Node& node : evidence.machine.nodes) {
        if (!node.memory_bytes) return std::nullopt;
        if (__builtin_add_overflow(sum, *node.memory_bytes, &sum)) return std::nullopt;
    }
    const std::uint64_t gap = sum > *total ? sum - *total : *total - sum;
    if (gap <= *total / kTolerance) return std::nullopt;
    return Said{
        "the nodes have " + size_text(sum) + " of memory together, the machine has " + size_text(*total),
        "use neither figure to size pools: see what can be had (numactl --membind, mbind(2))",
        {source_of(evidence.machine, "nodes", "/sys/devices/system/node/node*/meminfo"), "/proc/meminfo"}};
}

}  // namespace

std::vector<Check> source_checks() {
    return {
        {"cpuid-sysfs-packages", Severity::warning, look_at_packages},
        {"cpuid-sysfs-cores", Severity::warning, look_at_cores},
        {"cpuid-sysfs-cache", Severity::warning, look_at_caches},
        {"apic-id-mismatch", Severity::info, look_at_apic_ids},
        {"node-memory-total", Severity::info, look_at_node_memory},
    };
}

}  // namespace torque::findings
