#include "sys/cached_cpuid.h"

namespace torque {

bool CachedCpuid::select(int cpu) {
    if (!known_.contains(cpu)) {
        if (!source_->select(cpu)) return false;
        known_.emplace(cpu, Answers{});
        asked_ = cpu;
    }
    selected_ = cpu;
    return true;
}

std::optional<CpuidRegs> CachedCpuid::get(std::uint32_t leaf, std::uint32_t subleaf) const {
    const auto cpu = known_.find(selected_);
    if (cpu == known_.end()) return source_->get(leaf, subleaf);
    const auto known = cpu->second.find({leaf, subleaf});
    if (known != cpu->second.end()) return known->second;
    if (asked_ != selected_) {
        if (!source_->select(selected_)) return std::nullopt;
        asked_ = selected_;
    }
    return cpu->second.emplace(Question{leaf, subleaf}, source_->get(leaf, subleaf)).first->second;
}

}  // namespace torque
