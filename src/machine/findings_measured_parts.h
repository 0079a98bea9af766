// The parts of find_measured_differences(), one for each kind of result that is no matter of groups.
#pragma once

#include "torque/machine.h"
#include "torque/measured.h"

namespace torque::findings {

// "measured-cache-differs".
void find_other_sizes(const MeasuredCaches& caches, Machine& machine);

// "measured-memory-elsewhere" and "measured-distance-differs".
void find_other_memory(const MeasuredMemory& memory, Machine& machine);

}  // namespace torque::findings
