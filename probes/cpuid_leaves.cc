#include "probes/cpuid_leaves.h"

namespace torque {

namespace {
// Highest leaf of the range that begins at `base`; 0 when the range is not there. Old CPUs answer the
// question about the extended range with the registers of another leaf.
std::uint32_t read_max(const CpuidSource& source, std::uint32_t base) {
    const auto regs = source.get(base, 0);
    return regs && regs->eax >> 16 == base >> 16 ? regs->eax : 0;
}
}  // namespace

CpuidLeaves::CpuidLeaves(const CpuidSource& source) : source_(&source) {
    const auto first = source.get(0, 0);
    if (!first) return;
    max_basic_ = first->eax;
    vendor_ = register_text({first->ebx, first->edx, first->ecx});
    max_extended_ = read_max(source, 0x8000'0000);
}

std::optional<CpuidRegs> CpuidLeaves::get(std::uint32_t leaf, std::uint32_t subleaf) const {
    const std::uint32_t max = leaf < 0x8000'0000 ? max_basic_ : max_extended_;
    if (leaf > max) return std::nullopt;
    return source_->get(leaf, subleaf);
}

CpuidRegs CpuidLeaves::get_or_zero(std::uint32_t leaf, std::uint32_t subleaf) const {
    return get(leaf, subleaf).value_or(CpuidRegs{});
}

std::string register_text(std::initializer_list<std::uint32_t> registers) {
    std::string text;
    for (const std::uint32_t reg : registers) {
        for (int byte = 0; byte < 4; ++byte) text.push_back(static_cast<char>(reg >> (8 * byte) & 0xff));
    }
    return text;
}

CpuidSignature read_signature(const CpuidLeaves& leaves) {
    const std::uint32_t eax = leaves.get_or_zero(1).eax;
    const std::uint32_t family = bits(eax, 11, 8);
    std::uint32_t model = bits(eax, 7, 4);
    // AMD adds the extended model from family Fh on; Intel, VIA and Zhaoxin in families 6 (and 7) as well.
    if (family == 0xf || (!leaves.is_amd() && (family == 6 || family == 7))) model |= bits(eax, 19, 16) << 4;
    CpuidSignature signature;
    signature.value = eax;
    signature.family = static_cast<int>(family == 0xf ? family + bits(eax, 27, 20) : family);
    signature.model = static_cast<int>(model);
    signature.stepping = static_cast<int>(bits(eax, 3, 0));
    return signature;
}

}  // namespace torque
