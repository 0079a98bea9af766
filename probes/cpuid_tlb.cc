#include "probes/cpuid_tlb.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "probes/cpuid_amd.h"
#include "probes/cpuid_leaf2.h"

namespace torque {

namespace {

// Page sizes by bit: EBX[3:0] of leaf 0x18, and Leaf2Pages.
std::vector<std::string> page_sizes(std::uint32_t mask) {
    constexpr const char* kNames[] = {"4K", "2M", "4M", "1G"};
    std::vector<std::string> pages;
    for (int i = 0; i < 4; ++i) {
        if (bit(mask, i)) pages.emplace_back(kNames[i]);
    }
    return pages;
}

std::optional<TlbType> type_of_leaf18(std::uint32_t type) {
    switch (type) {
        case 1:
            return TlbType::data;
        case 2:
            return TlbType::instruction;
        case 3:
            return TlbType::unified;
        case 4:
            return TlbType::load;
        case 5:
            return TlbType::store;
        default:
            return std::nullopt;  // 0: nothing in this sub-leaf, yet there may be in the next
    }
}

// Leaf 0x18 (SDM volume 2A): EBX[31:16] ways, ECX sets, EDX[4:0] type, [7:5] level from 1, [8] fully
// associative.
std::vector<CpuidTlb> read_leaf18(const CpuidLeaves& leaves) {
    constexpr std::uint32_t kSubleavesMax = 64;  // CPUs so far have 8 at most
    std::vector<CpuidTlb> tlbs;
    const auto first = leaves.get(0x18);
    if (!first) return tlbs;
    const std::uint32_t last = std::min(first->eax, kSubleavesMax);
    for (std::uint32_t subleaf = 0; subleaf <= last; ++subleaf) {
        const CpuidRegs regs = leaves.get_or_zero(0x18, subleaf);
        const auto type = type_of_leaf18(bits(regs.edx, 4, 0));
        if (!type) continue;
        CpuidTlb tlb;
        tlb.level = static_cast<int>(bits(regs.edx, 7, 5));
        if (tlb.level == 0) continue;
        tlb.type = *type;
        tlb.page_sizes = page_sizes(regs.ebx);
        tlb.fully_associative = bit(regs.edx, 8);
        const std::uint64_t ways = bits(regs.ebx, 31, 16);
        const std::uint64_t entries = ways * regs.ecx;
        if (entries > 0 && entries <= std::numeric_limits<int>::max())
            tlb.entries = static_cast<int>(entries);
        if (!tlb.fully_associative && ways != 0) tlb.ways = static_cast<int>(ways);
        tlbs.push_back(std::move(tlb));
    }
    return tlbs;
}

std::vector<CpuidTlb> read_leaf2_tlbs(const CpuidLeaves& leaves) {
    std::vector<CpuidTlb> tlbs;
    for (const Leaf2Tlb& row : read_leaf2(leaves).tlbs) {
        CpuidTlb tlb;
        tlb.level = row.level;
        tlb.type = row.type;
        tlb.page_sizes = page_sizes(row.pages);
        tlb.entries = row.entries;
        tlb.fully_associative = row.ways == kFull;
        if (row.ways > 0) tlb.ways = row.ways;
        tlbs.push_back(std::move(tlb));
    }
    return tlbs;
}

}  // namespace

CpuidTlbs read_tlbs(const CpuidLeaves& leaves) {
    const struct {
        const char* leaf;
        std::vector<CpuidTlb> tlbs;
    } sources[] = {
        {"0x18", read_leaf18(leaves)},
        {"2", read_leaf2_tlbs(leaves)},
        {"0x80000005", read_amd_tlbs(leaves)},
    };
    CpuidTlbs found;
    for (const auto& source : sources) {
        if (source.tlbs.empty()) continue;
        found.leaf += (found.leaf.empty() ? "" : ", ") + std::string(source.leaf);
        found.tlbs.insert(found.tlbs.end(), source.tlbs.begin(), source.tlbs.end());
    }
    std::stable_sort(found.tlbs.begin(), found.tlbs.end(), [](const CpuidTlb& a, const CpuidTlb& b) {
        return std::tie(a.level, a.type) < std::tie(b.level, b.type);
    });
    return found;
}

}  // namespace torque
