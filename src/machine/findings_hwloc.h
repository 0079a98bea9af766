// find_hwloc_differences(): a machine held against hwloc's view of it.
#pragma once

#include <vector>

#include "torque/machine.h"

namespace torque {

// One "hwloc-differs" for each kind of thing that the two do not agree on: CPUs, packages, dies, clusters,
// cores, caches of one level and type, nodes. Beyond the CPUs, only what concerns those that both list is
// compared. Appends to the findings of `machine`; where there is nothing to say, provenance tells that hwloc
// was asked.
void find_hwloc_differences(const Machine& hwloc, Machine& machine);

}  // namespace torque
