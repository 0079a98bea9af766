// LatencyMatrix: how long a cache line takes between every two CPUs, as measured here or elsewhere.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "torque/result.h"

namespace torque::measure {

// Symmetric; rows are CPUs, or groups of them.
struct LatencyMatrix {
    static constexpr int kRowsMax = 2048;
    static constexpr double kNsMax = 1e9;

    explicit LatencyMatrix(int rows)
        : count(rows), ns(static_cast<std::size_t>(rows) * static_cast<std::size_t>(rows)) {}

    double at(int a, int b) const { return ns[index(a, b)]; }
    void set(int a, int b, double latency_ns) { ns[index(a, b)] = ns[index(b, a)] = latency_ns; }

    int count = 0;
    std::vector<double> ns;  // count * count values, finite, from 0 to kNsMax; the diagonal is 0

  private:
    std::size_t index(int a, int b) const {
        return static_cast<std::size_t>(a) * static_cast<std::size_t>(count) + static_cast<std::size_t>(b);
    }
};

// A table of numbers parted by commas: one line a CPU, in ns, and no titles, as core-to-core-latency prints
// it. Either half may be left empty; where both are there the smaller value counts, for what disturbs a
// measurement only makes it longer. The diagonal does not count.
// Errors name `name`, the line and the column: a cell that is no number from 0 to kNsMax, two CPUs without a
// value, more cells in a line than there are lines, fewer than 2 or more than kRowsMax lines.
Result<LatencyMatrix> parse_latency_matrix(std::string_view text, const std::string& name);

}  // namespace torque::measure
