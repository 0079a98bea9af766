// find_measured_differences(): what a machine claims held against what was measured of it.
#pragma once

#include "torque/machine.h"
#include "torque/measured.h"

namespace torque {

// Raises "measured-unreliable" for results that say so of themselves, which are not looked at further;
// "measured-smt-hidden" for CPUs that are seen to share a core and are said not to, "measured-smt-apart" for
// the other way round; "measured-groups-differ" where a level of latencies has the groups of nothing that the
// machine claims; "measured-cache-differs" for caches and TLBs whose knee is farther from the machine's claim
// than is_as_declared() allows; "measured-memory-elsewhere" for pages that lay on another node than the one
// that was asked; "measured-distance-differs" for memory nodes in another order by latency than by the
// machine's distances, by rank(). The claims are the machine's, whatever the result says that was declared.
// Silent on what was not measured, and where a measurement shows nothing.
void find_measured_differences(const Measured& measured, Machine& machine);

}  // namespace torque
