#include "sys/cached_cpuid.h"

namespace torque {

bool CachedCpuid::select(int cpu) {
    known_.clear();
    return source_->select(cpu);
}

std::optional<CpuidRegs> CachedCpuid::get(std::uint32_t leaf, std::uint32_t subleaf) const {
    const auto [known, is_new] = known_.try_emplace(Question{leaf, subleaf});
    if (is_new) known->second = source_->get(leaf, subleaf);
    return known->second;
}

}  // namespace torque
