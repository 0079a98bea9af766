// torque.diff/1: the differences of two machines as JSON text.
#pragma once

#include <string>
#include <vector>

#include "torque/diff.h"

namespace torque {

// Ends with a newline. `a` and `b` are what the machines are called: {schema, a, b, equal, differences
// [{section, what, a, b}]}.
std::string diff_json(const std::vector<Difference>& differences, const std::string& a, const std::string& b);

}  // namespace torque
