// fold(): like parts of a Nesting put together, so that many become one row with a count.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "render/names.h"
#include "render/nest.h"

namespace torque {

// One row: every thing of one shape, below all the parents of one shape.
struct Fold {
    std::vector<std::vector<const Thing*>> by_parent;  // as many in each
    std::vector<Fold> children;
};

// CPUs that are kept from ordinary work.
struct CpuStates {
    CpuSet isolated, nohz_full, not_allowed;  // of those online
};
CpuStates cpu_states(const Machine& machine);

// What a row says of its things but for their numbers and CPUs; like things say the same.
std::vector<Span> describe(const Thing& thing, const std::vector<Span>& types, const CpuStates* states);

// By thing of the nesting: equal numbers for things that `say` the same and whose children are alike.
std::vector<int> shapes(const Nesting& nesting, const std::function<std::string(const Thing&)>& say);

// Things with the same description and equal children are alike. With null `states`, isolated cores are like
// any other.
std::vector<Fold> fold(const Nesting& nesting, const Machine& machine, const CpuStates* states);

int rows(const std::vector<Fold>& folds);

}  // namespace torque
