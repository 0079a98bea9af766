// plan_measured(): a plan that goes by what was measured where the machine's claims cannot be true.
#pragma once

#include <string>
#include <vector>

#include "torque/layout.h"
#include "torque/machine.h"
#include "torque/measured.h"
#include "torque/profile.h"
#include "torque/result.h"

namespace torque::planning {

struct Regrouped {
    Machine machine;
    std::vector<Decision> decisions;    // what was taken from the measurement, of the rule "measured"
    std::vector<std::string> warnings;  // and what was not, although it differs
};

// The machine as it was measured.
// - CPUs that surely share a core become threads of one.
// - In a guest, groups by latency that no core, cache, package or node has become last-level caches; the size
//   is the claimed one where there is just one. Elsewhere the kernel is believed, with a warning.
// Results that are not reliable are left out, and so are those of caches and memory, with a warning.
Regrouped regroup(const Machine& claimed, const Measured& measured);

// plan() of the machine as it was measured. Workers' cores and siblings are those that the machine claims,
// for that is what a kernel is asked when the layout is checked; threads that it hides are isolated with
// their core all the same. Errors: as plan().
Result<Layout> plan_measured(const Machine& claimed, const Measured& measured, const Profile& profile,
                             const Request& request);

}  // namespace torque::planning
