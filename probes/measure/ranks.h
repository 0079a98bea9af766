// rank_agreement(): how often what is declared to be farther is measured to be slower.
#pragma once

#include <vector>

#include "base/ranked.h"

namespace torque::measure {

struct RankAgreement {
    int agreeing = 0;       // pairs that both put into the same order
    int contradicting = 0;  // pairs that are in opposite order
    int undecided = 0;      // pairs that are measured as equal, by their spreads, and declared different
    int unsaid = 0;         // pairs that are declared equal and measured different
};

// Of every two rows of one list. Pairs that are equal both ways are not counted.
RankAgreement rank_agreement(const std::vector<Ranked>& rows);

}  // namespace torque::measure
