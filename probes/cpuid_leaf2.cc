// Source: SDM volume 2A, table "Encoding of CPUID Leaf 2 Descriptors". A descriptor that stands for several
// structures has several rows.
#include "probes/cpuid_leaf2.h"

#include <algorithm>
#include <array>

namespace torque {

namespace {

constexpr auto kData = CacheType::data;
constexpr auto kCode = CacheType::instruction;
constexpr auto kBoth = CacheType::unified;

// Sectored caches are listed with their 64-byte lines, two of which make a sector. Trace caches (70h to 73h)
// hold decoded operations and have no size in bytes.
// clang-format off
constexpr Leaf2Cache kCaches[] = {
    // descriptor, level, type, KiB, ways, line
    {0x06, 1, kCode, 8, 4, 32},
    {0x08, 1, kCode, 16, 4, 32},
    {0x09, 1, kCode, 32, 4, 64},
    {0x0a, 1, kData, 8, 2, 32},
    {0x0c, 1, kData, 16, 4, 32},
    {0x0d, 1, kData, 16, 4, 64},
    {0x0e, 1, kData, 24, 6, 64},
    {0x1d, 2, kBoth, 128, 2, 64},
    {0x21, 2, kBoth, 256, 8, 64},
    {0x22, 3, kBoth, 512, 4, 64},
    {0x23, 3, kBoth, 1024, 8, 64},
    {0x24, 2, kBoth, 1024, 16, 64},
    {0x25, 3, kBoth, 2048, 8, 64},
    {0x29, 3, kBoth, 4096, 8, 64},
    {0x2c, 1, kData, 32, 8, 64},
    {0x30, 1, kCode, 32, 8, 64},
    {0x39, 2, kBoth, 128, 4, 64},  // 39h to 3Fh: 241618, early Pentium 4
    {0x3a, 2, kBoth, 192, 6, 64},
    {0x3b, 2, kBoth, 128, 2, 64},
    {0x3c, 2, kBoth, 256, 4, 64},
    {0x3d, 2, kBoth, 384, 6, 64},
    {0x3e, 2, kBoth, 512, 4, 64},
    {0x3f, 2, kBoth, 256, 2, 64},
    {0x41, 2, kBoth, 128, 4, 32},
    {0x42, 2, kBoth, 256, 4, 32},
    {0x43, 2, kBoth, 512, 4, 32},
    {0x44, 2, kBoth, 1024, 4, 32},
    {0x45, 2, kBoth, 2048, 4, 32},
    {0x46, 3, kBoth, 4096, 4, 64},
    {0x47, 3, kBoth, 8192, 8, 64},
    {0x48, 2, kBoth, 3072, 12, 64},
    {0x49, 2, kBoth, 4096, 16, 64},  // an L3 on family Fh model 6: read_leaf2()
    {0x4a, 3, kBoth, 6144, 12, 64},
    {0x4b, 3, kBoth, 8192, 16, 64},
    {0x4c, 3, kBoth, 12288, 12, 64},
    {0x4d, 3, kBoth, 16384, 16, 64},
    {0x4e, 2, kBoth, 6144, 24, 64},
    {0x60, 1, kData, 16, 8, 64},
    {0x66, 1, kData, 8, 4, 64},
    {0x67, 1, kData, 16, 4, 64},
    {0x68, 1, kData, 32, 4, 64},
    {0x78, 2, kBoth, 1024, 4, 64},
    {0x79, 2, kBoth, 128, 8, 64},
    {0x7a, 2, kBoth, 256, 8, 64},
    {0x7b, 2, kBoth, 512, 8, 64},
    {0x7c, 2, kBoth, 1024, 8, 64},
    {0x7d, 2, kBoth, 2048, 8, 64},
    {0x7f, 2, kBoth, 512, 2, 64},
    {0x80, 2, kBoth, 512, 8, 64},
    {0x81, 2, kBoth, 128, 8, 32},
    {0x82, 2, kBoth, 256, 8, 32},
    {0x83, 2, kBoth, 512, 8, 32},
    {0x84, 2, kBoth, 1024, 8, 32},
    {0x85, 2, kBoth, 2048, 8, 32},
    {0x86, 2, kBoth, 512, 4, 64},
    {0x87, 2, kBoth, 1024, 8, 64},
    {0xd0, 3, kBoth, 512, 4, 64},
    {0xd1, 3, kBoth, 1024, 4, 64},
    {0xd2, 3, kBoth, 2048, 4, 64},
    {0xd6, 3, kBoth, 1024, 8, 64},
    {0xd7, 3, kBoth, 2048, 8, 64},
    {0xd8, 3, kBoth, 4096, 8, 64},
    {0xdc, 3, kBoth, 1536, 12, 64},
    {0xdd, 3, kBoth, 3072, 12, 64},
    {0xde, 3, kBoth, 6144, 12, 64},
    {0xe2, 3, kBoth, 2048, 16, 64},
    {0xe3, 3, kBoth, 4096, 16, 64},
    {0xe4, 3, kBoth, 8192, 16, 64},
    {0xea, 3, kBoth, 12288, 24, 64},
    {0xeb, 3, kBoth, 18432, 24, 64},
    {0xec, 3, kBoth, 24576, 24, 64},
};
// clang-format on

constexpr auto kDTlb = TlbType::data;
constexpr auto kITlb = TlbType::instruction;
constexpr auto kSTlb = TlbType::unified;

// "TLB0" and "uTLB" are level 1, "TLB1" and "second-level" level 2.
// clang-format off
constexpr Leaf2Tlb kTlbs[] = {
    // descriptor, level, type, pages, entries, ways
    {0x01, 1, kITlb, k4K, 32, 4},
    {0x02, 1, kITlb, k4M, 2, kFull},
    {0x03, 1, kDTlb, k4K, 64, 4},
    {0x04, 1, kDTlb, k4M, 8, 4},
    {0x05, 2, kDTlb, k4M, 32, 4},
    {0x0b, 1, kITlb, k4M, 4, 4},
    {0x4f, 1, kITlb, k4K, 32, 0},
    {0x50, 1, kITlb, k4K | k2M | k4M, 64, 0},
    {0x51, 1, kITlb, k4K | k2M | k4M, 128, 0},
    {0x52, 1, kITlb, k4K | k2M | k4M, 256, 0},
    {0x55, 1, kITlb, k2M | k4M, 7, kFull},
    {0x56, 1, kDTlb, k4M, 16, 4},
    {0x57, 1, kDTlb, k4K, 16, 4},
    {0x59, 1, kDTlb, k4K, 16, kFull},
    {0x5a, 1, kDTlb, k2M | k4M, 32, 4},
    {0x5b, 1, kDTlb, k4K | k4M, 64, 0},
    {0x5c, 1, kDTlb, k4K | k4M, 128, 0},
    {0x5d, 1, kDTlb, k4K | k4M, 256, 0},
    {0x61, 1, kITlb, k4K, 48, kFull},
    {0x63, 1, kDTlb, k2M | k4M, 32, 4},
    {0x63, 1, kDTlb, k1G, 4, 4},
    {0x64, 0, kDTlb, k4K, 512, 4},
    {0x6a, 1, kDTlb, k4K, 64, 8},
    {0x6b, 0, kDTlb, k4K, 256, 8},
    {0x6c, 0, kDTlb, k2M | k4M, 128, 8},
    {0x6d, 0, kDTlb, k1G, 16, kFull},
    {0x76, 1, kITlb, k2M | k4M, 8, kFull},
    {0xa0, 1, kDTlb, k4K, 32, kFull},
    {0xb0, 1, kITlb, k4K, 128, 4},
    {0xb1, 1, kITlb, k2M, 8, 4},
    {0xb1, 1, kITlb, k4M, 4, 4},
    {0xb2, 1, kITlb, k4K, 64, 4},
    {0xb3, 0, kDTlb, k4K, 128, 4},
    {0xb4, 2, kDTlb, k4K, 256, 4},
    {0xb5, 1, kITlb, k4K, 64, 8},
    {0xb6, 1, kITlb, k4K, 128, 8},
    {0xba, 2, kDTlb, k4K, 64, 4},
    {0xc0, 1, kDTlb, k4K | k4M, 8, 4},
    {0xc1, 2, kSTlb, k4K | k2M, 1024, 8},
    {0xc2, 0, kDTlb, k4K | k2M, 16, 4},
    {0xc3, 2, kSTlb, k4K | k2M, 1536, 6},
    {0xc3, 2, kSTlb, k1G, 16, 4},
    {0xc4, 0, kDTlb, k2M | k4M, 32, 4},
    {0xca, 2, kSTlb, k4K, 512, 4},
};
// clang-format on

// Cyrix and National Semiconductor gave two bytes a meaning of their own (Geode GX1 data book, CPUID).
constexpr Leaf2Cache kCyrixCaches[] = {{0x80, 1, kBoth, 16, 4, 16}};
constexpr Leaf2Tlb kCyrixTlbs[] = {{0x70, 1, TlbType::unified, k4K, 32, 4}};

bool is_cyrix(const CpuidLeaves& leaves) {
    return leaves.vendor() == "CyrixInstead" || leaves.vendor() == "Geode by NSC";
}

// The bytes of all rounds but the count in AL. The order says nothing, and a register with bit 31 set holds
// none.
std::vector<std::uint8_t> read_descriptors(const CpuidLeaves& leaves) {
    constexpr std::uint32_t kRoundsMax = 16;  // has been 1 on all CPUs made
    std::vector<std::uint8_t> descriptors;
    const std::uint32_t rounds = std::min(leaves.get_or_zero(2).eax & 0xff, kRoundsMax);
    for (std::uint32_t round = 0; round < rounds; ++round) {
        const CpuidRegs regs = leaves.get_or_zero(2, round);
        for (const std::uint32_t reg : {regs.eax & ~0xffU, regs.ebx, regs.ecx, regs.edx}) {
            if (bit(reg, 31)) continue;
            for (int low = 0; low < 32; low += 8) {
                if (bits(reg, low + 7, low) != 0)
                    descriptors.push_back(static_cast<std::uint8_t>(reg >> low));
            }
        }
    }
    return descriptors;
}

template <class Row, std::size_t N>
void add_rows(std::vector<Row>& rows, const Row (&table)[N], std::uint8_t descriptor) {
    std::copy_if(std::begin(table), std::end(table), std::back_inserter(rows),
                 [=](const Row& row) { return row.descriptor == descriptor; });
}

// "Data TLB" without a level is the second one where a smaller data TLB holds the same pages (Silvermont: A0h
// before B3h), and the first where there is none (Pentium M: B3h alone).
void settle_levels(std::vector<Leaf2Tlb>& tlbs) {
    for (Leaf2Tlb& tlb : tlbs) {
        if (tlb.level != 0) continue;
        const bool is_second = std::any_of(tlbs.begin(), tlbs.end(), [&](const Leaf2Tlb& other) {
            return other.type == tlb.type && (other.pages & tlb.pages) != 0 && other.entries < tlb.entries;
        });
        tlb.level = is_second ? 2 : 1;
    }
}

}  // namespace

Leaf2Facts read_leaf2(const CpuidLeaves& leaves) {
    Leaf2Facts facts;
    const CpuidSignature signature = read_signature(leaves);
    for (const std::uint8_t descriptor : read_descriptors(leaves)) {
        if (is_cyrix(leaves)) {
            add_rows(facts.caches, kCyrixCaches, descriptor);
            add_rows(facts.tlbs, kCyrixTlbs, descriptor);
            continue;
        }
        add_rows(facts.caches, kCaches, descriptor);
        add_rows(facts.tlbs, kTlbs, descriptor);
        const bool is_xeon_mp_l3 = descriptor == 0x49 && signature.family == 0xf && signature.model == 6;
        if (is_xeon_mp_l3) facts.caches.back().level = 3;
    }
    settle_levels(facts.tlbs);
    return facts;
}

}  // namespace torque
