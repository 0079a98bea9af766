// What must hold of any plan, counted from the machine without the planner's code.
#pragma once

#include <string>
#include <vector>

#include "torque/layout.h"
#include "torque/machine.h"

namespace property {

using Faults = std::vector<std::string>;

// The rules on who is where and what is isolated (R1, R2, R4, R6, R7, R10, R12). layout: of `request`.
void check_plan(const torque::Machine& machine, const torque::Request& request, const torque::Layout& layout,
                Faults& faults);

// Workers that fit: what `plan` must refuse, and must not. For --smt idle and the best class.
int slots(const torque::Machine& machine);

// The emitted line, read as the kernel reads it, brings about the plan, and lint finds no fault with it.
void check_boot_line(const torque::Machine& machine, const torque::Layout& layout, Faults& faults);

// The layout survives its own JSON.
void check_document(const torque::Layout& layout, Faults& faults);

}  // namespace property
