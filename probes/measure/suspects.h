// Suspects: pairs of CPUs that may share a core as far as sets that worked at once have shown.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "torque/cpu_set.h"

namespace torque::measure {

// Group testing: one run of a set tells of many pairs. What slows a CPU is not known of a run in which it is
// slow, but one in which it is not acquits all that ran beside it.
class Suspects {
  public:
    explicit Suspects(const CpuSet& cpus);

    // `undisturbed`: those of the CPUs that `ran` at once that were as fast as ever.
    void acquit(const CpuSet& ran, const CpuSet& undisturbed);
    // Ascending.
    std::vector<std::pair<int, int>> pairs() const;

  private:
    CpuSet cpus_;
    std::vector<CpuSet> acquitted_;  // by CPU
};

}  // namespace torque::measure
