// render_diff(): what sets two machines apart, as text for people.
#pragma once

#include <string>
#include <vector>

#include "torque/diff.h"

namespace torque {

// A section for each part of the machine; `a` and `b` are what the machines are called. One line when they
// are alike. The same differences give the same text.
std::string render_diff(const std::vector<Difference>& differences, const std::string& a,
                        const std::string& b);

}  // namespace torque
