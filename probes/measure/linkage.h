// Average linkage: merges what is nearest to each other, step by step, until all is one.
#pragma once

#include <vector>

#include "measure/matrix.h"

namespace torque::measure {

using Members = std::vector<int>;        // rows of a matrix, ascending
using Partition = std::vector<Members>;  // every row in one of them, by their first rows

// The partitions that stand out: those at which the next merge is farther by a factor of at least
// `gap_ratio` (more than 1) than the last one. Finest first; neither all apart nor all in one.
// Distances between groups are means of the logarithms: latencies differ by factors, and one disturbed value
// among many counts for little. O(rows^2) in time and space, for most matrices.
std::vector<Partition> partitions_at_gaps(const LatencyMatrix& matrix, double gap_ratio);

}  // namespace torque::measure
