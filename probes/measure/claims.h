// What is declared of caches and TLBs, held against the knees of a curve.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "measure/curve.h"
#include "measure/knees.h"

namespace torque::measure {

enum class Verdict {
    confirmed,   // a knee within a third of the declared size
    differs,     // a knee elsewhere, between those of the levels around
    not_seen,    // no knee
    not_reached  // the curve ends before one and a half times the declared size, and has no knee
};

struct Claim {
    double declared = 0;              // in the curve's unit
    std::optional<std::size_t> knee;  // index
    Verdict verdict = Verdict::not_seen;
};

// `declared` ascends, as do the knees; `measured_to` is the curve's last size. Each claim gets the knee that
// match_sizes() finds for it.
std::vector<Claim> judge(const std::vector<double>& declared, const std::vector<Knee>& knees,
                         double measured_to);

// The share of these curves that have the knee within a third of its place, 0 to 1; 0 without curves.
double agreement(const Knee& knee, const std::vector<Curve>& passes);

// A curve over pages, one line of each, without what the lines cost by themselves: the TLB is left. `lines`
// is the curve of lines that lie close together, from which the same number of lines is taken, or one step
// less: where the two curves leave a cache at slightly different sizes the difference is too large then,
// which find_knees() takes for a disturbance, not too small.
Curve without_caches(const Curve& pages, const Curve& lines, std::size_t line_bytes);

}  // namespace torque::measure
