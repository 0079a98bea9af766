// The leaves of the selected CPU within the limits that it states, and the bit fields in them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sys/cpuid_source.h"

namespace torque {

// Bits `high` to `low` of the value, both included, shifted down: EAX[31:26] is bits(eax, 31, 26).
constexpr std::uint32_t bits(std::uint32_t value, int high, int low) {
    return (value >> low) & static_cast<std::uint32_t>((1ULL << (high - low + 1)) - 1);
}

constexpr bool bit(std::uint32_t value, int index) {
    return (value >> index & 1) != 0;
}

// Bits that number `count` things: the smallest s with 2^s >= count. 0 for 0.
constexpr int shift_for(std::uint32_t count) {
    int shift = 0;
    while (shift < 31 && (1U << shift) < count) ++shift;
    return shift;
}

class CpuidLeaves {
  public:
    explicit CpuidLeaves(const CpuidSource& source);

    // Absent above the highest leaf of its range: an Intel CPU answers there with its last leaf.
    std::optional<CpuidRegs> get(std::uint32_t leaf, std::uint32_t subleaf = 0) const;
    // The same, with zeros for what is absent: a reserved leaf reads as zero.
    CpuidRegs get_or_zero(std::uint32_t leaf, std::uint32_t subleaf = 0) const;

    const std::string& vendor() const { return vendor_; }
    bool is_amd() const { return vendor_ == "AuthenticAMD" || vendor_ == "HygonGenuine"; }
    bool is_intel() const { return vendor_ == "GenuineIntel" || vendor_ == "GenuineIotel"; }
    // 0x8000001D and 0x8000001E are valid only with this bit (AMD); hypervisors clear it.
    bool has_amd_topology_extensions() const { return bit(get_or_zero(0x8000'0001).ecx, 22); }

  private:
    const CpuidSource* source_;
    std::uint32_t max_basic_ = 0, max_extended_ = 0;
    std::string vendor_;
};

// The characters of registers, lowest byte first.
std::string register_text(std::initializer_list<std::uint32_t> registers);

struct CpuidSignature {
    std::uint32_t value = 0;
    int family = 0, model = 0, stepping = 0;  // display values
};
// Leaf 1 EAX. The extended family counts from family Fh on, the extended model in families 6 and Fh.
CpuidSignature read_signature(const CpuidLeaves& leaves);

}  // namespace torque
