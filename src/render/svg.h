// render_svg(): a machine as a picture of nested boxes.
#pragma once

#include <string>

#include "torque/layout.h"
#include "torque/machine.h"

namespace torque {

// One SVG 1.1 document that needs nothing else, with a text for each box (<title>) and colours for light and
// dark. Like boxes are folded where the machine has many CPUs. With a `layout` (or null), its plan is drawn
// on the CPUs. The same arguments give the same bytes.
std::string render_svg(const Machine& machine, const Layout* layout);

}  // namespace torque
