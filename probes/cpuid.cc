#include "probes/cpuid.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "base/parse.h"
#include "probes/cpuid_cache.h"
#include "probes/cpuid_leaves.h"
#include "probes/cpuid_tlb.h"
#include "probes/cpuid_topology.h"
#include "sys/cached_cpuid.h"

namespace torque {

namespace {

struct HypervisorName {
    std::string_view signature;  // EBX, ECX, EDX of 0x40000000, without NULs at the end
    std::string_view name;
};
constexpr HypervisorName kHypervisors[] = {
    {"KVMKVMKVM", "KVM"},           {"Linux KVM Hv", "KVM"},           {"Microsoft Hv", "Hyper-V"},
    {"VMwareVMware", "VMware"},     {"XenVMMXenVMM", "Xen"},           {"TCGTCGTCGTCG", "QEMU TCG"},
    {"VBoxVBoxVBox", "VirtualBox"}, {"bhyve bhyve ", "bhyve"},         {"BHyVE BHyVE ", "bhyve"},
    {" lrpepyh vr", "Parallels"},   {"prl hyperv", "Parallels"},       {"ACRNACRNACRN", "ACRN"},
    {"QNXQVMBSQG", "QNX"},          {"Jailhouse", "Jailhouse"},        {"HAXMHAXMHAXM", "HAXM"},
    {"___ NVMM ___", "NVMM"},       {"OpenBSDVMM58", "OpenBSD vmm"},   {"IntelTDX    ", "TDX"},
    {"UnisysSpar64", "s-Par"},      {"SRESRESRESRE", "Lockheed LMHS"},
};

std::string hypervisor_signature(const CpuidSource& source, std::uint32_t leaf) {
    const auto regs = source.get(leaf, 0);
    if (!regs) return {};
    std::string text = register_text({regs->ebx, regs->ecx, regs->edx});
    text.erase(text.find_last_not_of('\0') + 1);
    return text;
}

std::string hypervisor_name(const std::string& signature) {
    for (const HypervisorName& known : kHypervisors) {
        if (known.signature == signature) return std::string(known.name);
    }
    return printable(signature);
}

// Windows with Hyper-V enabled sets the bit on bare metal: its root partition may manage CPUs (Hyper-V
// functional specification, 0x40000003 EBX[12]). KVM that plays Hyper-V signs at 0x40000100.
void read_hypervisor(const CpuidSource& source, const CpuidLeaves& leaves, CpuidFacts& facts) {
    const CpuidRegs features = leaves.get_or_zero(1);
    // CPUs from before SSE leave in ECX whatever was there.
    if (!bit(features.edx, 25) || !bit(features.ecx, 31)) return;
    std::string signature = hypervisor_signature(source, 0x4000'0000);
    if (signature == "Microsoft Hv") {
        const auto privileges = source.get(0x4000'0003, 0);
        if (privileges && bit(privileges->ebx, 12)) return;
        if (hypervisor_name(hypervisor_signature(source, 0x4000'0100)) == "KVM") signature = "KVMKVMKVM";
    }
    facts.is_guest = true;
    if (!signature.empty()) facts.hypervisor = hypervisor_name(signature);
}

std::optional<std::string> read_brand(const CpuidLeaves& leaves) {
    std::string brand;
    for (std::uint32_t leaf = 0x8000'0002; leaf <= 0x8000'0004; ++leaf) {
        const CpuidRegs regs = leaves.get_or_zero(leaf);
        brand += register_text({regs.eax, regs.ebx, regs.ecx, regs.edx});
    }
    brand.resize(std::min(brand.find('\0'), brand.size()));
    constexpr std::size_t kBrandBytes = 48;
    const std::string shown = printable(trim_space(brand), 4 * kBrandBytes);
    if (shown.empty()) return std::nullopt;
    return shown;
}

// Leaf 0x1A EAX[31:24] (SDM), 0x80000026 EBX[31:28] where EAX[30] says that cores differ (APM).
void read_core_type(const CpuidLeaves& leaves, CpuidKind& kind) {
    const std::uint32_t intel = leaves.get_or_zero(0x1a).eax;
    const CpuidRegs amd = leaves.is_amd() ? leaves.get_or_zero(0x8000'0026) : CpuidRegs{};
    if (bits(intel, 31, 24) == 0x40) kind.core_type = CpuidCoreType::intel_core;
    if (bits(intel, 31, 24) == 0x20) kind.core_type = CpuidCoreType::intel_atom;
    kind.native_model = bits(intel, 23, 0);
    if (bit(amd.eax, 30)) {
        kind.core_type =
            bits(amd.ebx, 31, 28) == 0 ? CpuidCoreType::amd_performance : CpuidCoreType::amd_efficiency;
    }
}

// What decoding a CPU gives beside its kind: where to look for what may set its neighbours apart.
struct DecodedCpu {
    CpuidKind kind;
    CpuidPlace place;
    std::optional<std::uint32_t> last_level_leaf;
    std::uint32_t last_level_subleaf = 0;
};

DecodedCpu decode_cpu(const CpuidLeaves& leaves) {
    const CpuidSignature signature = read_signature(leaves);
    CpuidTopology topology = read_topology(leaves);
    CpuidCaches caches = read_caches(leaves, topology);
    CpuidTlbs tlbs = read_tlbs(leaves);
    DecodedCpu cpu;
    cpu.place = {topology.apic_id, topology.amd_node};
    cpu.last_level_leaf = caches.last_level_leaf;
    cpu.last_level_subleaf = caches.last_level_subleaf;
    CpuidKind& kind = cpu.kind;
    kind.vendor = printable(leaves.vendor());
    kind.brand = read_brand(leaves);
    kind.signature = signature.value;
    kind.family = signature.family;
    kind.model = signature.model;
    kind.stepping = signature.stepping;
    read_core_type(leaves, kind);
    kind.domains = std::move(topology.domains);
    kind.package_cpus = topology.package_cpus;
    kind.caches = std::move(caches.caches);
    kind.tlbs = std::move(tlbs.tlbs);
    kind.topology_leaf = std::move(topology.leaf);
    kind.cache_leaf = std::move(caches.leaf);
    kind.tlb_leaf = std::move(tlbs.leaf);
    return cpu;
}

// Index of an equal kind, which is added when there is none. Machines have a handful; looking no further back
// than this keeps a dump of many thousand unlike CPUs cheap. What is new is named by the CPU that `source`
// has selected.
int intern_kind(CpuidKind kind, const CpuidSource& source, CpuidFacts& facts) {
    constexpr std::size_t kLookBack = 64;
    std::vector<CpuidKind>& kinds = facts.kinds;
    const std::size_t oldest = kinds.size() - std::min(kinds.size(), kLookBack);
    for (std::size_t i = kinds.size(); i-- > oldest;) {
        if (kinds[i] == kind) return static_cast<int>(i);
    }
    kinds.push_back(std::move(kind));
    facts.names.push_back(kinds.size() <= kLookBack ? read_cpu_names(source) : CpuNames{});
    return static_cast<int>(kinds.size()) - 1;
}

void read_every_cpu(CpuidSource& source, CpuidFacts& facts) {
    const CpuidCpu* decoded_last = nullptr;
    std::optional<CpuidLeaves> leaves;  // of the CPU that was decoded last, and of those like it
    const std::vector<int> cpus = source.cpus();
    facts.cpus.reserve(cpus.size());
    for (const int cpu : cpus) {
        if (!source.select(cpu)) {
            facts.refused_cpus.push_back(cpu);
            continue;
        }
        if (decoded_last != nullptr && source.answers_like(decoded_last->cpu)) {
            const int kind = decoded_last->kind;
            const CpuidPlace place =
                read_place(*leaves, facts.kinds[static_cast<std::size_t>(kind)].topology_leaf);
            facts.cpus.push_back({cpu, place.apic_id, place.amd_node, kind});
            continue;
        }
        leaves.emplace(source);
        if (facts.cpus.empty()) read_hypervisor(source, *leaves, facts);
        DecodedCpu decoded = decode_cpu(*leaves);
        facts.cpus.push_back({cpu, decoded.place.apic_id, decoded.place.amd_node,
                              intern_kind(std::move(decoded.kind), source, facts)});
        decoded_last = &facts.cpus.back();  // they were reserved: it stays there
    }
}

// Registers that are equal on like CPUs and differ between kinds: signature, core type, last-level cache,
// and, where cores differ, whether a cache follows that: the first CPU may be one without an L3.
using KindKey = std::array<std::uint32_t, 8>;

KindKey read_kind_key(const CpuidLeaves& leaves, const DecodedCpu& first) {
    KindKey key{};
    key[0] = leaves.get_or_zero(1).eax;
    if (first.kind.core_type == CpuidCoreType::intel_core ||
        first.kind.core_type == CpuidCoreType::intel_atom) {
        key[1] = leaves.get_or_zero(0x1a).eax;
    } else if (first.kind.core_type != CpuidCoreType::unstated) {
        key[2] = bits(leaves.get_or_zero(0x8000'0026).ebx, 31, 16);
    }
    if (first.last_level_leaf) {
        const CpuidRegs regs = leaves.get_or_zero(*first.last_level_leaf, first.last_level_subleaf);
        key[3] = regs.eax;
        key[4] = regs.ebx;
        key[5] = regs.ecx;
        key[6] = regs.edx;
        if (first.kind.core_type != CpuidCoreType::unstated)
            key[7] = leaves.get_or_zero(*first.last_level_leaf, first.last_level_subleaf + 1).eax;
    }
    return key;
}

// As CPUs are numbered, in whatever order they were asked.
void put_in_order(CpuidFacts& facts) {
    std::sort(facts.refused_cpus.begin(), facts.refused_cpus.end());
    std::sort(facts.cpus.begin(), facts.cpus.end(),
              [](const CpuidCpu& a, const CpuidCpu& b) { return a.cpu < b.cpu; });
    std::vector<CpuidKind> kinds;
    std::vector<CpuNames> names;
    std::vector<int> number_of(facts.kinds.size(), -1);
    for (CpuidCpu& cpu : facts.cpus) {
        const auto old = static_cast<std::size_t>(cpu.kind);
        if (number_of[old] < 0) {
            number_of[old] = static_cast<int>(kinds.size());
            kinds.push_back(std::move(facts.kinds[old]));
            names.push_back(std::move(facts.names[old]));
        }
        cpu.kind = number_of[old];
    }
    facts.kinds = std::move(kinds);
    facts.names = std::move(names);
}

// Begins where the program runs: to move costs more than to ask.
std::vector<int> cpus_from_here(const CpuidSource& source) {
    std::vector<int> cpus = source.cpus();
    const auto here = std::find(cpus.begin(), cpus.end(), source.current_cpu());
    if (here != cpus.end()) std::rotate(cpus.begin(), here, cpus.end());
    return cpus;
}

void read_like_cpus(CpuidSource& live, CpuidFacts& facts) {
    CachedCpuid source(live);
    std::map<KindKey, int> kind_of_key;
    std::optional<DecodedCpu> first;
    std::optional<CpuidLeaves> leaves;
    for (const int cpu : cpus_from_here(source)) {
        if (!source.select(cpu)) {
            facts.refused_cpus.push_back(cpu);
            continue;
        }
        if (!leaves) {
            leaves.emplace(source);
            read_hypervisor(source, *leaves, facts);
            first = decode_cpu(*leaves);
            kind_of_key.emplace(read_kind_key(*leaves, *first), intern_kind(first->kind, source, facts));
        }
        const KindKey key = read_kind_key(*leaves, *first);
        auto known = kind_of_key.find(key);
        if (known == kind_of_key.end()) {
            known = kind_of_key.emplace(key, intern_kind(decode_cpu(*leaves).kind, source, facts)).first;
        }
        const auto& kind = facts.kinds[static_cast<std::size_t>(known->second)];
        const CpuidPlace place = read_place(*leaves, kind.topology_leaf);
        facts.cpus.push_back({cpu, place.apic_id, place.amd_node, known->second});
    }
    put_in_order(facts);
}

}  // namespace

CpuidFacts read_cpuid(CpuidSource& source, CpuidReading reading) {
    CpuidFacts facts;
    facts.source = source.name();
    if (reading == CpuidReading::every_cpu) {
        read_every_cpu(source, facts);
    } else {
        read_like_cpus(source, facts);
    }
    return facts;
}

}  // namespace torque
