// read_measured(): the results of torque-topo measure that --measured names.
#pragma once

#include <string>
#include <vector>

#include "torque/machine.h"
#include "torque/measured.h"
#include "torque/result.h"

namespace torque {

// Errors name the file: it cannot be read, is no result of measure cores, smt, cache or memory, the second
// one of its kind, was measured on CPUs that the machine does not have, or on a machine of
// another fingerprint.
Result<Measured> read_measured(const std::vector<std::string>& files, const Machine& machine);

}  // namespace torque
