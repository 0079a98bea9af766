#include "cli/gather_cpuid.h"
#include "base/format.h"

#include <algorithm>

namespace torque {
namespace {

// Ranges of leaves, and the most that any CPU has: a dump may claim more.
struct Range {
    std::uint32_t first, count_max;
};
constexpr Range kRanges[] = {
    {0, 0x40},           {0x4000'0000, 0x20}, {0x4000'0100, 0x10},
    {0x8000'0000, 0x40}, {0x8086'0000, 8},    {0xc000'0000, 8},
};

// Leaves with sub-leaves, how many to ask for at most, and whether one that tells nothing is the last.
struct Subleaves {
    std::uint32_t leaf, count_max;
    bool end_at_zero;
};
constexpr Subleaves kSubleaves[] = {
    {0x4, 16, true},         {0x7, 4, false},         {0xb, 8, true},         {0xd, 64, false},
    {0xf, 2, false},         {0x10, 4, false},        {0x12, 8, false},       {0x14, 2, false},
    {0x17, 4, false},        {0x18, 32, false},       {0x1b, 8, false},       {0x1d, 4, false},
    {0x1f, 8, true},         {0x20, 2, false},        {0x23, 4, false},       {0x24, 2, false},
    {0x8000'001d, 16, true}, {0x8000'0020, 4, false}, {0x8000'0026, 8, true},
};

constexpr std::uint32_t kSerialNumber = 3;  // of a Pentium III or Transmeta

bool is_zero(const CpuidRegs& regs) {
    return regs == CpuidRegs{};
}

// Whether the list of sub-leaves ends with this answer: caches by their type, levels by theirs.
bool is_end(std::uint32_t leaf, const CpuidRegs& regs) {
    if (leaf == 4 || leaf == 0x8000'001d) return (regs.eax & 0x1f) == 0;
    return (regs.ecx >> 8 & 0xff) == 0;
}

void add_line(std::string& text, bool with_subleaf, std::uint32_t leaf, std::uint32_t subleaf,
              const CpuidRegs& regs) {
    text += formatted("{} {:x} 0 {:x} 0 => {:x} {:x} {:x} {:x}\n", with_subleaf ? 5 : 1, leaf, subleaf,
                      regs.eax, regs.ebx, regs.ecx, regs.edx);
}

void add_leaf(const CpuidSource& source, std::uint32_t leaf, std::string& text) {
    const auto row = std::find_if(std::begin(kSubleaves), std::end(kSubleaves),
                                  [&](const Subleaves& one) { return one.leaf == leaf; });
    if (row == std::end(kSubleaves)) {
        if (const auto regs = source.get(leaf, 0)) add_line(text, false, leaf, 0, *regs);
        return;
    }
    for (std::uint32_t subleaf = 0; subleaf < row->count_max; ++subleaf) {
        const auto regs = source.get(leaf, subleaf);
        if (!regs) {
            if (row->end_at_zero) return;
            continue;
        }
        // A sub-leaf that says nothing need not be kept; the first says that the leaf is there, and the last
        // that there are no more.
        if (subleaf == 0 || row->end_at_zero || !is_zero(*regs)) add_line(text, true, leaf, subleaf, *regs);
        if (row->end_at_zero && is_end(leaf, *regs)) return;
    }
}

std::string cpu_text(const CpuidSource& source) {
    std::string text = "# mask e[abcd]x => e[abcd]x\n";
    const bool is_guest = source.get(1, 0).value_or(CpuidRegs{}).ecx >> 31 != 0;
    for (const Range& range : kRanges) {
        const bool is_hypervisor = range.first >> 28 == 4;
        if (is_hypervisor && !is_guest) continue;
        const auto head = source.get(range.first, 0);
        // Outside its ranges an Intel CPU answers with its last basic leaf; some hypervisors state no highest
        // leaf.
        if (!head || (head->eax < range.first && !is_hypervisor)) continue;
        if (is_hypervisor && head->ebx == 0) continue;
        const std::uint32_t last =
            std::min(std::max(head->eax, range.first), range.first + range.count_max - 1);
        for (std::uint32_t leaf = range.first; leaf <= last; ++leaf) {
            if (leaf != kSerialNumber) add_leaf(source, leaf, text);
        }
    }
    return text;
}

}  // namespace

void gather_cpuid(CpuidSource& source, MemoryNode& folder) {
    for (const int cpu : source.cpus()) {
        if (!source.select(cpu)) continue;
        MemoryNode* file = folder.make(formatted("pu{}", cpu));
        *file = MemoryNode{MemoryNode::Kind::file, cpu_text(source), {}};
    }
    if (folder.entries.empty()) return;
    *folder.make("hwloc-cpuid-info") = MemoryNode{MemoryNode::Kind::file, "Architecture: x86\n", {}};
}

}  // namespace torque
