// render_box(): a machine as nested boxes in a terminal.
#pragma once

#include <string>

#include "render/tree.h"
#include "torque/layout.h"
#include "torque/machine.h"

namespace torque {

// Lines that end in '\n', none wider than the style's width unless one core or one word is. A core is a cell
// with its CPUs; each CPU has a letter for what it is for, which the legend explains and colour repeats. Like
// boxes are folded where the machine has many CPUs. With a `layout` (or null), its plan is drawn on the CPUs.
std::string render_box(const Machine& machine, const Layout* layout, const TreeStyle& style);

}  // namespace torque
