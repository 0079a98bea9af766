#include "measure/multiply.h"

namespace torque::measure {
namespace {

// Keeps the value in a register of its own: else the compiler would multiply several at once, or foresee the
// result.
inline void keep(std::uint64_t& value) {
    __asm__ volatile("" : "+r"(value));
}

constexpr std::uint64_t kFactor = 0x4f1bbcdd;  // odd; fits an immediate operand

template <class... Values>
inline void step(Values&... values) {
    ((values *= kFactor, keep(values)), ...);
}

}  // namespace

std::uint64_t multiply(std::uint64_t rounds) {
    std::uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8, i = 9, j = 10, k = 11, l = 12;
    for (; rounds > 0; --rounds) {
        step(a, b, c, d, e, f, g, h, i, j, k, l);
    }
    return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h ^ i ^ j ^ k ^ l;
}

}  // namespace torque::measure
