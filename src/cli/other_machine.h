// refuse_other_machine(): a layout is for one machine.
#pragma once

#include <string>

#include "torque/layout.h"
#include "torque/machine.h"
#include "torque/result.h"

namespace torque {

// Errors: the layout was made for a machine that differs from this one in what matters; names the
// differences. `file`: of the layout. `forced`: what --force would do all the same ("check"); "" where there
// is no such option.
Result<void> refuse_other_machine(const Layout& layout, const Machine& machine, const std::string& file,
                                  const std::string& forced);

}  // namespace torque
