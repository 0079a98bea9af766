// The result of measure jitter as text for people.
#pragma once

#include <string>

#include "measure/jitter.h"
#include "render/tree.h"

namespace torque {

std::string jitter_text(const measure::Jitter& jitter, const TreeStyle& style);

}  // namespace torque
