// render_explanation(): what a plan decided and why, as text for people.
#pragma once

#include <string>

#include "render/tree.h"
#include "torque/layout.h"

namespace torque {

// Lines that end in '\n': the workers, who else runs where, the boot line and what each word of it costs, the
// decisions rule by rule, and what the plan could not do. Width and glyphs as in render_tree().
std::string render_explanation(const Layout& layout, const TreeStyle& style);

}  // namespace torque
