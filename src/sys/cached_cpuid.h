// CachedCpuid: asks another source each question once.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "sys/cpuid_source.h"

namespace torque {

// A CPUID instruction takes microseconds in a guest, where it traps. What a CPU answered is known until
// another is selected. Lives shorter than `source`.
class CachedCpuid final : public CpuidSource {
  public:
    explicit CachedCpuid(CpuidSource& source) : source_(&source) {}

    std::vector<int> cpus() const override { return source_->cpus(); }
    bool select(int cpu) override;
    std::optional<int> current_cpu() const override { return source_->current_cpu(); }
    std::optional<CpuidRegs> get(std::uint32_t leaf, std::uint32_t subleaf) const override;
    std::string name() const override { return source_->name(); }

  private:
    using Question = std::pair<std::uint32_t, std::uint32_t>;

    CpuidSource* source_;
    mutable std::map<Question, std::optional<CpuidRegs>> known_;
};

}  // namespace torque
