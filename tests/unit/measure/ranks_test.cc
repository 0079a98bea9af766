// Orders of what is declared and what is measured.
#include "measure/ranks.h"

#include "catch.h"

using namespace torque::measure;

TEST_CASE("pairs in one order, in the other, and in none") {
    const RankAgreement agreement = rank_agreement({{10, 80, 2}, {21, 140, 3}, {31, 120, 3}, {21, 141, 3}});
    CHECK(agreement.agreeing == 3);       // 10 before all others
    CHECK(agreement.contradicting == 2);  // 31 is nearer than both of 21
    CHECK(agreement.undecided == 0);
    CHECK(agreement.unsaid == 0);  // 21 and 21 are one
}

TEST_CASE("what lies within the spread decides nothing") {
    CHECK(rank_agreement({{10, 80, 30}, {20, 100, 5}}).undecided == 1);
    CHECK(rank_agreement({{10, 80, 0}, {20, 83, 0}}).undecided == 1);
    CHECK(rank_agreement({{10, 80, 1}, {10, 100, 1}}).unsaid == 1);
    CHECK(rank_agreement({{10, 80, 1}}).agreeing == 0);
}
