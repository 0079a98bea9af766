#include "measure/ranks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace torque::measure {

RankAgreement rank_agreement(const std::vector<Ranked>& rows) {
    constexpr double kLeastRatio = 1.05;  // less is the same, however quiet it was
    RankAgreement agreement;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            const Ranked &a = rows[i], &b = rows[k];
            const double apart = a.measured - b.measured;
            const double least = std::min(a.measured, b.measured);
            const bool is_different =
                std::abs(apart) > std::max({a.spread, b.spread, least * (kLeastRatio - 1)});
            if (a.declared == b.declared) {
                agreement.unsaid += is_different ? 1 : 0;
            } else if (!is_different) {
                ++agreement.undecided;
            } else if ((a.declared < b.declared) == (apart < 0)) {
                ++agreement.agreeing;
            } else {
                ++agreement.contradicting;
            }
        }
    }
    return agreement;
}

}  // namespace torque::measure
