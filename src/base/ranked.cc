#include "base/ranked.h"

#include <algorithm>
#include <cmath>

namespace torque {

Rank rank(const Ranked& a, const Ranked& b) {
    constexpr double kLeastRatio = 1.05;  // less is the same, however quiet it was
    const double apart = a.measured - b.measured;
    const double least = std::min(a.measured, b.measured);
    const bool is_different = std::abs(apart) > std::max({a.spread, b.spread, least * (kLeastRatio - 1)});
    if (a.declared == b.declared) return is_different ? Rank::unsaid : Rank::same;
    if (!is_different) return Rank::undecided;
    return (a.declared < b.declared) == (apart < 0) ? Rank::agreeing : Rank::contradicting;
}

}  // namespace torque
