#include "measure/ranks.h"

#include <cstddef>

namespace torque::measure {

RankAgreement rank_agreement(const std::vector<Ranked>& rows) {
    RankAgreement agreement;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
            const Rank order = rank(rows[i], rows[k]);
            agreement.agreeing += order == Rank::agreeing ? 1 : 0;
            agreement.contradicting += order == Rank::contradicting ? 1 : 0;
            agreement.undecided += order == Rank::undecided ? 1 : 0;
            agreement.unsaid += order == Rank::unsaid ? 1 : 0;
        }
    }
    return agreement;
}

}  // namespace torque::measure
