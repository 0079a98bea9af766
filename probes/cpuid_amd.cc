#include "probes/cpuid_amd.h"

#include <array>

namespace torque {

namespace {

constexpr std::array<int, 16> kWaysOfCode = {0, 1, 2, 3, 4, 6, 8, 0, 16, 0, 32, 48, 64, 96, 128, 0};
constexpr std::uint32_t kCodeDisabled = 0, kCodeElsewhere = 9, kCodeFull = 15;

// The 8-bit associativity of 0x80000005: 0 is reserved, FFh full, anything else the number itself.
AmdWays ways_of_byte(std::uint32_t value) {
    if (value == 0) return {false, false, std::nullopt};
    if (value == 0xff) return {true, true, std::nullopt};
    return {true, false, static_cast<int>(value)};
}

CpuidCache make_cache(int level, CacheType type, std::uint64_t size_bytes, std::uint32_t line_bytes,
                      const AmdWays& ways, int shift) {
    CpuidCache cache;
    cache.level = level;
    cache.type = type;
    cache.size_bytes = size_bytes;
    cache.shift = shift;
    cache.fully_associative = ways.is_full;
    cache.ways = ways.ways;
    if (line_bytes == 0) return cache;
    cache.line_bytes = static_cast<int>(line_bytes);
    const std::uint64_t lines = size_bytes / line_bytes;
    if (ways.is_full) cache.ways = static_cast<int>(lines);
    // A code that means a range of ways gives no whole number of sets; then the sets are not known.
    if (cache.ways && *cache.ways > 0 && lines % static_cast<std::uint64_t>(*cache.ways) == 0) {
        cache.sets = lines / static_cast<std::uint64_t>(*cache.ways);
    }
    return cache;
}

// L2 of 0x80000006 ECX: [31:16] KiB, [15:12] code, [7:0] line. Three parts differ.
CpuidCache make_l2(const CpuidLeaves& leaves, std::uint32_t ecx, int shift) {
    const CpuidSignature cpu = read_signature(leaves);
    std::uint64_t size_kib = bits(ecx, 31, 16);
    AmdWays ways = amd_ways_of_code(bits(ecx, 15, 12));
    const bool is_via = leaves.vendor() == "CentaurHauls" && cpu.family == 6;
    if (is_via && (cpu.model == 7 || cpu.model == 8)) {
        // C3 Samuel 2 and Ezra use the layout of the L1 fields: [31:24] KiB, [23:16] ways.
        size_kib = bits(ecx, 31, 24);
        ways = ways_of_byte(bits(ecx, 23, 16));
    } else if (is_via && cpu.model == 9 && cpu.stepping == 1 && size_kib == 65) {
        size_kib = 64;  // Nehemiah stepping 1 states one KiB too many
    } else if (leaves.is_amd() && cpu.family == 6 && cpu.model == 3 && cpu.stepping == 0) {
        size_kib = 64;  // Duron erratum T13 (AMD 23865): the size reads as 1
    }
    return make_cache(2, CacheType::unified, size_kib * 1024, bits(ecx, 7, 0), ways, shift);
}

struct TlbField {
    TlbType type;
    std::uint32_t entries;
    AmdWays ways;
};

void add_tlb(std::vector<CpuidTlb>& tlbs, int level, std::vector<std::string> pages, const TlbField& field) {
    if (field.entries == 0 || !field.ways.is_present) return;
    CpuidTlb tlb;
    tlb.level = level;
    tlb.type = field.type;
    tlb.page_sizes = std::move(pages);
    tlb.entries = static_cast<int>(field.entries);
    tlb.ways = field.ways.ways;
    tlb.fully_associative = field.ways.is_full;
    tlbs.push_back(std::move(tlb));
}

// 0x80000005: data TLB [31:24] ways [23:16] entries, instruction TLB [15:8] and [7:0].
void add_tlbs_by_byte(std::vector<CpuidTlb>& tlbs, const std::vector<std::string>& pages, std::uint32_t reg) {
    add_tlb(tlbs, 1, pages, {TlbType::data, bits(reg, 23, 16), ways_of_byte(bits(reg, 31, 24))});
    add_tlb(tlbs, 1, pages, {TlbType::instruction, bits(reg, 7, 0), ways_of_byte(bits(reg, 15, 8))});
}

// 0x80000006 and 19: data TLB [31:28] code [27:16] entries, instruction TLB [15:12] and [11:0]. An upper half
// of zero beside a filled lower one stands for a unified L2 TLB (AMD 25481, Fn8000_0006).
void add_tlbs_by_code(std::vector<CpuidTlb>& tlbs, int level, const std::vector<std::string>& pages,
                      std::uint32_t reg, bool zero_means_unified) {
    const bool is_unified = zero_means_unified && bits(reg, 31, 16) == 0;
    add_tlb(tlbs, level, pages, {TlbType::data, bits(reg, 27, 16), amd_ways_of_code(bits(reg, 31, 28))});
    add_tlb(tlbs, level, pages,
            {is_unified ? TlbType::unified : TlbType::instruction, bits(reg, 11, 0),
             amd_ways_of_code(bits(reg, 15, 12))});
}

bool is_geode_gx(const CpuidLeaves& leaves) {
    return leaves.vendor() == "Geode by NSC";
}

}  // namespace

AmdWays amd_ways_of_code(std::uint32_t code) {
    if (code == kCodeDisabled) return {false, false, std::nullopt};
    if (code == kCodeFull) return {true, true, std::nullopt};
    const int ways = kWaysOfCode[code & 0xf];
    if (ways == 0) return {code == kCodeElsewhere, false, std::nullopt};
    return {true, false, ways};
}

std::vector<CpuidCache> read_amd_caches(const CpuidLeaves& leaves, const CpuidTopology& topology) {
    std::vector<CpuidCache> caches;
    if (is_geode_gx(leaves)) return caches;  // repeats its leaf-2 descriptors here
    const CpuidRegs l1 = leaves.get_or_zero(0x8000'0005);
    const int core_shift = topology.shift_of(CpuidDomainKind::core);
    const struct {
        CacheType type;
        std::uint32_t reg;
    } fields[] = {{CacheType::data, l1.ecx}, {CacheType::instruction, l1.edx}};
    for (const auto& field : fields) {
        const std::uint32_t size_kib = bits(field.reg, 31, 24);
        if (size_kib == 0) continue;
        caches.push_back(make_cache(1, field.type, std::uint64_t{size_kib} * 1024, bits(field.reg, 7, 0),
                                    ways_of_byte(bits(field.reg, 23, 16)), core_shift));
    }
    const CpuidRegs l2 = leaves.get_or_zero(0x8000'0006);
    if (bits(l2.ecx, 31, 16) != 0) {
        const CpuidCache cache = make_l2(leaves, l2.ecx, core_shift);
        if (cache.size_bytes != 0) caches.push_back(cache);
    }
    if (bits(l2.edx, 31, 18) != 0) {
        const bool is_split = is_split_g34(leaves);
        const std::uint64_t size_bytes = std::uint64_t{bits(l2.edx, 31, 18)} * 512 * 1024;
        caches.push_back(make_cache(3, CacheType::unified, is_split ? size_bytes / 2 : size_bytes,
                                    bits(l2.edx, 7, 0), amd_ways_of_code(bits(l2.edx, 15, 12)),
                                    topology.shift_of(CpuidDomainKind::package)));
        caches.back().is_of_node = is_split;
    }
    return caches;
}

std::vector<CpuidTlb> read_amd_tlbs(const CpuidLeaves& leaves) {
    std::vector<CpuidTlb> tlbs;
    if (is_geode_gx(leaves)) return tlbs;
    const std::vector<std::string> small{"4K"}, large{"2M", "4M"}, huge{"1G"};
    const CpuidRegs first = leaves.get_or_zero(0x8000'0005);
    add_tlbs_by_byte(tlbs, large, first.eax);
    add_tlbs_by_byte(tlbs, small, first.ebx);
    const CpuidRegs second = leaves.get_or_zero(0x8000'0006);
    add_tlbs_by_code(tlbs, 2, large, second.eax, true);
    add_tlbs_by_code(tlbs, 2, small, second.ebx, true);
    const CpuidRegs of_1g = leaves.get_or_zero(0x8000'0019);
    add_tlbs_by_code(tlbs, 1, huge, of_1g.eax, false);
    add_tlbs_by_code(tlbs, 2, huge, of_1g.ebx, false);
    return tlbs;
}

}  // namespace torque
