// refuse_other_machine(): a layout is for one machine.
#pragma once

#include "torque/layout.h"
#include "torque/machine.h"
#include "torque/result.h"

namespace torque {

// Errors: the layout was made for a machine that differs from this one in what matters; names the
// differences.
Result<void> refuse_other_machine(const Layout& layout, const Machine& machine);

}  // namespace torque
