// Summary: the middle of samples, and how far they scatter.
#pragma once

#include <vector>

namespace torque::measure {

// In the samples' unit. Two measurements of one thing differ by less than their spreads, unless something
// changed: the quartiles are farther from the middle than the middle of other samples is likely to be.
struct Summary {
    double median = 0;
    double spread = 0;  // between the quartiles
    int samples = 0;
};

// Of no samples: all zero.
Summary summary_of(std::vector<double> samples);

}  // namespace torque::measure
