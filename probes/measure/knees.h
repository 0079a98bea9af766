// find_knees(): where a curve of latencies leaves one plateau for the next: how much a cache holds, or a TLB.
#pragma once

#include <vector>

#include "measure/curve.h"

namespace torque::measure {

// Sizes are in the curve's unit.
struct Knee {
    double at = 0;                       // where the curve crosses the middle of both plateaus, by the ratio
    std::size_t from = 0;                // the last size that is as quick as the plateau before
    std::size_t to = 0;                  // the first size that is as slow as the plateau behind
    double before_ns = 0, after_ns = 0;  // medians of the plateaus
    bool is_open = false;  // the curve still rises at its end: `to` is the last size, `after_ns` its latency
};

// A load takes as long or longer the more memory it is in, so what a larger size undercuts was disturbed
// and counts for no more than that. A plateau is what rises by less than a tenth over half a doubling at
// least. Two of them are parted by a knee if the second is 1.3 times as slow as the first, and chance alone
// would hardly sort their points so: less than once in 100 curves without any knee, by the number of ways
// to choose which of the points are the slow ones. Fewest first; none for fewer than six points.
std::vector<Knee> find_knees(const Curve& curve);

}  // namespace torque::measure
