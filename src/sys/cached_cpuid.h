// CachedCpuid: asks another source each question once.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "sys/cpuid_source.h"

namespace torque {

// A CPUID instruction takes microseconds in a guest, where it traps, and so does moving to another CPU: a CPU
// that was selected before is moved to again only for a question that it was not asked yet. Lives shorter
// than `source`.
class CachedCpuid final : public CpuidSource {
  public:
    explicit CachedCpuid(CpuidSource& source) : source_(&source) {}

    std::vector<int> cpus() const override { return source_->cpus(); }
    bool select(int cpu) override;
    std::optional<CpuidRegs> get(std::uint32_t leaf, std::uint32_t subleaf) const override;
    std::string name() const override { return source_->name(); }

  private:
    using Question = std::pair<std::uint32_t, std::uint32_t>;
    using Answers = std::map<Question, std::optional<CpuidRegs>>;

    CpuidSource* source_;
    mutable std::map<int, Answers> known_;  // by CPU
    mutable int asked_ = -1;                // the CPU that is selected in source_
    int selected_ = -1;
};

}  // namespace torque
