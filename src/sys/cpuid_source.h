// CpuidSource: executes or replays the CPUID instruction on any one CPU of the machine under study.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace torque {

struct CpuidRegs {
    std::uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
    bool operator==(const CpuidRegs&) const = default;
};

class CpuidSource {
  public:
    virtual ~CpuidSource() = default;

    // CPU numbers that can be asked, ascending.
    virtual std::vector<int> cpus() const = 0;
    // Makes `cpu` the one that get() asks: the live source moves the calling thread there. False when the
    // CPU cannot be asked (offline, outside the cpuset, not in the dump).
    virtual bool select(int cpu) = 0;
    // The CPU that this thread runs on, where that is one to ask.
    virtual std::optional<int> current_cpu() const { return std::nullopt; }
    // The selected CPU's answer; absent where a dump does not hold the leaf. A live CPU answers anything.
    virtual std::optional<CpuidRegs> get(std::uint32_t leaf, std::uint32_t subleaf) const = 0;
    // Whether the selected CPU is known to answer as `cpu` does, but for what says where it is: APIC ids, and
    // AMD's core and node ids. False where finding out costs more than asking.
    virtual bool answers_like(int /*cpu*/) const { return false; }
    // "CPUID, live" or the dump's name.
    virtual std::string name() const = 0;
};

}  // namespace torque
