// render_html(): a machine as one page to look around in: the picture, every fact with its source, the plan.
#pragma once

#include <string>

#include "torque/layout.h"
#include "torque/machine.h"
#include "torque/measured.h"

namespace torque {

// One HTML document that asks for nothing else and may not (its policy forbids every request). The picture is
// that of render_svg(), but folds open; with a `layout` (or null), its plan can be shown and hidden; with
// what was `measured` between CPUs (or null), that is a table too. The same arguments give the same bytes.
std::string render_html(const Machine& machine, const Layout* layout, const MeasuredCores* measured);

}  // namespace torque
