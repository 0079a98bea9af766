// What must hold of every machine that is accepted: it can be printed, read and planned for.
#pragma once

#include "claim.h"
#include "torque/layout.h"
#include "torque/machine.h"
#include "torque/profile.h"

namespace fuzz {

torque::Request request_for(const torque::Machine& machine, Draw& draw);
void check_layout(const torque::Layout& layout);
void check_machine(torque::Machine machine, const torque::Profile& profile, Draw draw);

}  // namespace fuzz
