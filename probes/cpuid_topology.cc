#include "probes/cpuid_topology.h"

#include <algorithm>

namespace torque {

namespace {

using Kind = CpuidDomainKind;

constexpr const char* kLeafExtendedAmd = "0x80000026";
constexpr const char* kLeafV2 = "0x1F";
constexpr const char* kLeafV1 = "0xB";
constexpr const char* kLeafAmd = "0x8000001E";
constexpr const char* kLeafLegacy = "1";
constexpr std::uint32_t kSubleavesMax = 16;  // of the level leaves; types known today are 0 to 6

// ECX[15:8] of 0xB and 0x1F (SDM volume 2A, table of leaf 1FH); type 1 is the thread, which is no domain
// here.
std::optional<Kind> kind_of_v2(std::uint32_t type) {
    switch (type) {
        case 2:
            return Kind::core;
        case 3:
            return Kind::module;
        case 4:
            return Kind::tile;
        case 5:
            return Kind::die;
        case 6:
            return Kind::die_group;
        default:
            return std::nullopt;
    }
}

// ECX[15:8] of 0x80000026 (APM volume 3, E.4.26).
std::optional<Kind> kind_of_amd(std::uint32_t type) {
    switch (type) {
        case 1:
            return Kind::core;
        case 2:
            return Kind::complex;
        case 3:
            return Kind::die;
        case 4:
            return Kind::package;
        default:
            return std::nullopt;
    }
}

// 0xB, 0x1F and 0x80000026 have the same fields: EAX[4:0] the cumulative shift to the next level's ids,
// EBX[15:0] CPUs of the level as shipped, ECX[15:8] type, EDX the x2APIC id. A leaf whose first EBX is 0 is
// not implemented, whatever else it says. What differs is the name of a shift: the Intel leaves name the
// level whose parts are told apart by the bits below it ("thread": ids above the shift are cores'), AMD's
// names the level whose ids lie above it ("core"). A level of unknown type adds its bits to the level below.
std::optional<CpuidTopology> read_levels(const CpuidLeaves& leaves, std::uint32_t leaf, bool is_amd_leaf,
                                         const char* name) {
    const auto first = leaves.get(leaf);
    if (!first || bits(first->ebx, 15, 0) == 0 || bits(first->ecx, 15, 8) == 0) return std::nullopt;
    CpuidTopology topology;
    topology.apic_id = first->edx;
    topology.leaf = name;
    int shift_below = 0;
    int core_shift = 0;
    for (std::uint32_t subleaf = 0; subleaf < kSubleavesMax; ++subleaf) {
        const auto regs = leaves.get(leaf, subleaf);
        if (!regs) break;
        const std::uint32_t type = bits(regs->ecx, 15, 8);
        if (type == 0) break;
        const int shift = std::max(shift_below, static_cast<int>(bits(regs->eax, 4, 0)));
        const auto kind = is_amd_leaf ? kind_of_amd(type) : kind_of_v2(type);
        if (kind && *kind != Kind::package)
            topology.domains.push_back({*kind, is_amd_leaf ? shift : shift_below});
        if (!is_amd_leaf && type == 1) core_shift = shift;
        if (bits(regs->ebx, 15, 0) != 0) topology.package_cpus = static_cast<int>(bits(regs->ebx, 15, 0));
        shift_below = shift;
    }
    const bool has_core = std::any_of(topology.domains.begin(), topology.domains.end(),
                                      [](const CpuidDomain& domain) { return domain.kind == Kind::core; });
    if (!has_core) topology.domains.insert(topology.domains.begin(), {Kind::core, core_shift});
    topology.domains.push_back({Kind::package, shift_below});
    return topology;
}

std::uint32_t legacy_apic_id(const CpuidLeaves& leaves) {
    return bits(leaves.get_or_zero(1).ebx, 31, 24);
}

// Leaf 1 EBX[23:16]: ids set aside for the package's CPUs, when EDX says that there are several.
std::uint32_t legacy_cpus(const CpuidLeaves& leaves) {
    const CpuidRegs regs = leaves.get_or_zero(1);
    return bit(regs.edx, 28) ? std::max(1U, bits(regs.ebx, 23, 16)) : 1;
}

// 0x80000008 ECX[15:12] is the number of id bits within a package, or 0: then it follows from the number of
// cores in ECX[7:0].
struct AmdCoreCount {
    std::uint32_t cores = 1;  // of the package
    int package_shift = 0;
};

AmdCoreCount read_amd_core_count(const CpuidLeaves& leaves) {
    const std::uint32_t ecx = leaves.get_or_zero(0x8000'0008).ecx;
    AmdCoreCount count;
    count.cores = bits(ecx, 7, 0) + 1;
    const auto id_bits = static_cast<int>(bits(ecx, 15, 12));
    count.package_shift = id_bits != 0 ? id_bits : shift_for(std::max(count.cores, legacy_cpus(leaves)));
    return count;
}

// 0x8000001E EAX has all bits of the id, leaf 1 eight. Guests leave the former zero.
CpuidPlace amd_place(const CpuidLeaves& leaves) {
    CpuidPlace place{legacy_apic_id(leaves), std::nullopt};
    if (is_split_g34(leaves)) {
        const AmdCoreCount count = read_amd_core_count(leaves);
        const std::uint32_t package = place.apic_id >> count.package_shift;
        const std::uint32_t core = place.apic_id - (package << count.package_shift);
        place.amd_node = static_cast<int>(2 * package + (core >= count.cores / 2 ? 1 : 0));
    }
    if (!leaves.has_amd_topology_extensions()) return place;
    const CpuidRegs regs = leaves.get_or_zero(0x8000'001e);
    if ((regs.eax & 0xff) == place.apic_id) place.apic_id = regs.eax;
    if (bits(regs.ecx, 10, 8) != 0) place.amd_node = static_cast<int>(bits(regs.ecx, 7, 0));
    return place;
}

// 0x8000001E EBX[15:8]+1 are the threads of a core from family 17h on, and before that
// the cores of a compute unit: they share fetch, decode and the L2, and each has integer units and an L1
// data cache of its own. The kernel takes such a pair for two threads; this takes it for two cores of one
// module, as the maker does.
CpuidTopology read_amd(const CpuidLeaves& leaves) {
    constexpr int kFamilyZen = 0x17;
    CpuidTopology topology;
    const CpuidPlace place = amd_place(leaves);
    topology.apic_id = place.apic_id;
    topology.amd_node = place.amd_node;
    topology.leaf = kLeafAmd;
    const AmdCoreCount count = read_amd_core_count(leaves);
    topology.package_cpus = static_cast<int>(count.cores);
    int unit_shift = 0;
    if (leaves.has_amd_topology_extensions()) {
        unit_shift = shift_for(bits(leaves.get_or_zero(0x8000'001e).ebx, 15, 8) + 1);
    }
    const bool has_threads = read_signature(leaves).family >= kFamilyZen;
    topology.domains.push_back({Kind::core, has_threads ? unit_shift : 0});
    if (!has_threads && unit_shift > 0) topology.domains.push_back({Kind::module, unit_shift});
    topology.domains.push_back({Kind::package, std::max(count.package_shift, unit_shift)});
    return topology;
}

// Leaf 1 EBX[23:16] ids a package, leaf 4 EAX[31:26]+1 of them cores; what is left are threads. Both are
// numbers of ids, not of CPUs.
CpuidTopology read_legacy(const CpuidLeaves& leaves) {
    CpuidTopology topology;
    topology.apic_id = legacy_apic_id(leaves);
    topology.leaf = kLeafLegacy;
    const int package_shift = shift_for(legacy_cpus(leaves));
    const std::uint32_t leaf4 = leaves.get_or_zero(4).eax;
    const int core_bits = bits(leaf4, 4, 0) == 0 ? 0 : shift_for(bits(leaf4, 31, 26) + 1);
    topology.domains.push_back({Kind::core, std::max(0, package_shift - core_bits)});
    topology.domains.push_back({Kind::package, package_shift});
    return topology;
}

}  // namespace

int CpuidTopology::shift_of(CpuidDomainKind kind) const {
    for (const CpuidDomain& domain : domains) {
        if (domain.kind == kind) return domain.shift;
    }
    return 0;
}

// 0x80000001 EBX[31:28] is the package type (BKDG 31116); the node's number itself is in an MSR.
bool is_split_g34(const CpuidLeaves& leaves) {
    constexpr std::uint32_t kSocketG34 = 3;
    return leaves.is_amd() && read_signature(leaves).family == 0x10 &&
           bits(leaves.get_or_zero(0x8000'0001).ebx, 31, 28) == kSocketG34;
}

CpuidTopology read_topology(const CpuidLeaves& leaves) {
    if (leaves.is_amd()) {
        if (auto topology = read_levels(leaves, 0x8000'0026, true, kLeafExtendedAmd)) return *topology;
    }
    const auto v2 = read_levels(leaves, 0x1f, false, kLeafV2);
    const auto v1 = read_levels(leaves, 0xb, false, kLeafV1);
    // 0x1F has all levels of 0xB and more. If it numbers less, a dump has its first sub-leaf alone
    // (libcpuid).
    if (v2 && (!v1 || v2->shift_of(Kind::package) >= v1->shift_of(Kind::package))) return *v2;
    if (v1) return *v1;
    // Emulated CPUs with names of their own fill AMD's core count; for Intel the field is reserved, and QEMU
    // fills it all the same.
    const bool has_amd_count = !leaves.is_intel() && leaves.get_or_zero(0x8000'0008).ecx != 0;
    return leaves.is_amd() || has_amd_count ? read_amd(leaves) : read_legacy(leaves);
}

CpuidPlace read_place(const CpuidLeaves& leaves, const std::string& leaf) {
    if (leaf == kLeafExtendedAmd) return {leaves.get_or_zero(0x8000'0026).edx, std::nullopt};
    if (leaf == kLeafV2) return {leaves.get_or_zero(0x1f).edx, std::nullopt};
    if (leaf == kLeafV1) return {leaves.get_or_zero(0xb).edx, std::nullopt};
    if (leaf == kLeafAmd) return amd_place(leaves);
    return {legacy_apic_id(leaves), std::nullopt};
}

}  // namespace torque
