// Groups of CPUs: made of pairs, as text, and whether a machine claims them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "torque/cpu_set.h"
#include "torque/machine.h"

namespace torque {

// CPUs that pairs connect, however far; by their first CPU.
std::vector<CpuSet> connected(const std::vector<std::pair<int, int>>& pairs);

// "0-1 2-3 4-5 6-7 and 28 more".
std::string groups_text(const std::vector<CpuSet>& groups);

// Does the machine have exactly these groups among `cpus`, as cores, clusters, dies, packages, nodes or
// sharers of the caches of one level?
bool claims_groups(const Machine& machine, std::vector<CpuSet> groups, const CpuSet& cpus);

}  // namespace torque
