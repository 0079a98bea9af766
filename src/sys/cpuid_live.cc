#include "sys/cpuid_live.h"

#if defined(__x86_64__) || defined(__i386__)

#include <cpuid.h>
#include <sched.h>

#include <cerrno>
#include <climits>
#include <cstddef>
#include <utility>

namespace torque {

namespace {

// A kernel CPU mask of any length: cpu_set_t ends at 1,024 CPUs.
using Mask = std::vector<unsigned long>;
constexpr int kWordBits = static_cast<int>(sizeof(unsigned long)) * CHAR_BIT;

std::size_t mask_bytes(const Mask& mask) {
    return mask.size() * sizeof(unsigned long);
}

// The calling thread's mask; empty when it cannot be had.
Mask read_affinity() {
    Mask mask(1024 / kWordBits);
    // EINVAL means that the kernel's own mask is longer.
    while (::sched_getaffinity(0, mask_bytes(mask), reinterpret_cast<cpu_set_t*>(mask.data())) != 0) {
        if (errno != EINVAL || mask.size() * kWordBits > static_cast<std::size_t>(CpuSet::kMaxCpu)) return {};
        mask.assign(mask.size() * 2, 0);
    }
    return mask;
}

CpuSet members(const Mask& mask) {
    CpuSet set;
    for (std::size_t word = 0; word < mask.size(); ++word) {
        for (int bit = 0; bit < kWordBits; ++bit) {
            if ((mask[word] >> bit & 1) != 0) set.add(static_cast<int>(word) * kWordBits + bit);
        }
    }
    return set;
}

bool set_affinity(const Mask& mask) {
    return ::sched_setaffinity(0, mask_bytes(mask), reinterpret_cast<const cpu_set_t*>(mask.data())) == 0;
}

class CpuidLive final : public CpuidSource {
  public:
    CpuidLive(Mask original, CpuSet cpus)
        : original_(std::move(original)), one_cpu_(original_.size()), cpus_(std::move(cpus)) {}
    ~CpuidLive() override {
        if (is_moved_) set_affinity(original_);
    }
    CpuidLive(const CpuidLive&) = delete;
    CpuidLive& operator=(const CpuidLive&) = delete;

    std::vector<int> cpus() const override { return {cpus_.begin(), cpus_.end()}; }

    bool select(int cpu) override {
        if (cpu < 0) return false;
        const auto word = static_cast<std::size_t>(cpu / kWordBits);
        if (word >= one_cpu_.size()) return false;
        one_cpu_.assign(one_cpu_.size(), 0);
        one_cpu_[word] = 1UL << (cpu % kWordBits);
        if (!set_affinity(one_cpu_)) return false;
        is_moved_ = true;
        return true;
    }

    std::optional<int> current_cpu() const override {
        const int cpu = ::sched_getcpu();
        return cpu >= 0 ? std::optional(cpu) : std::nullopt;
    }

    std::optional<CpuidRegs> get(std::uint32_t leaf, std::uint32_t subleaf) const override {
        CpuidRegs regs;
        // Not __get_cpuid_count(): it asks for the highest leaf each time, and every CPUID traps in a guest.
        __cpuid_count(leaf, subleaf, regs.eax, regs.ebx, regs.ecx, regs.edx);
        return regs;
    }

    std::string name() const override { return "CPUID, live"; }

  private:
    Mask original_;
    Mask one_cpu_;  // scratch of the kernel's length
    CpuSet cpus_;
    bool is_moved_ = false;
};

}  // namespace

std::unique_ptr<CpuidSource> cpuid_live(const CpuSet& online) {
    if (__get_cpuid_max(0, nullptr) == 0) return nullptr;
    Mask original = read_affinity();
    if (original.empty()) return nullptr;
    CpuSet cpus = online.empty() ? members(original) : online;
    return std::make_unique<CpuidLive>(std::move(original), std::move(cpus));
}

}  // namespace torque

#else

namespace torque {
std::unique_ptr<CpuidSource> cpuid_live(const CpuSet&) {
    return nullptr;
}
}  // namespace torque

#endif
