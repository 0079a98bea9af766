// Curve: latencies over the amount of memory that they were measured in.
#pragma once

#include <cstddef>
#include <vector>

namespace torque::measure {

struct Point {
    std::size_t size = 0;  // in the curve's unit: bytes, or pages
    double ns = 0;         // a load's, the median of the samples
    double spread_ns = 0;  // between the quartiles of the samples
    int samples = 0;
};

using Curve = std::vector<Point>;  // ascending by size, each size once

// Sizes from `first` to `last` at an eighth of a power of two apart up to `fine_last`, and at a quarter
// beyond: the sizes of caches are among them. Multiples of `unit`, each once; `first` is a power of two.
std::vector<std::size_t> ladder(std::size_t first, std::size_t last, std::size_t fine_last, std::size_t unit);

// Of several measurements at the same sizes, each point from that which was quickest there: whatever takes
// longer was disturbed. The spread is at least what lies between the two quickest. Curves may end early, and
// what only some reach comes from those.
Curve quickest(const std::vector<Curve>& curves);

}  // namespace torque::measure
