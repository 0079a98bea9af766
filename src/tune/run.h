// What a program is confined to that is to be a worker of a layout.
#pragma once

#include <optional>

#include "sys/confine.h"
#include "torque/layout.h"
#include "torque/result.h"

namespace torque::tune {

// The CPU and memory of one worker, or of all of them together; memory is bound only if each of them binds
// its own. Errors: no such worker, a layout without workers.
Result<Confinement> confinement(const Layout& layout, std::optional<int> worker);

}  // namespace torque::tune
