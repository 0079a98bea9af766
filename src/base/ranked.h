// rank(): whether what is declared to be farther is measured to be slower.
#pragma once

namespace torque {

struct Ranked {
    double declared = 0;  // such as a distance of the SLIT
    double measured = 0, spread = 0;
};

enum class Rank {
    same,           // equal both ways
    agreeing,       // both put the two into the same order
    contradicting,  // they are in opposite order
    undecided,  // measured as equal, by the spreads or less than a twentieth apart, and declared different
    unsaid      // declared equal and measured different
};

Rank rank(const Ranked& a, const Ranked& b);

}  // namespace torque
