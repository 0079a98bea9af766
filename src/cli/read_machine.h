// read_machine(): the machine that --input names.
#pragma once

#include <string>

#include "torque/machine.h"
#include "torque/result.h"

namespace torque {

// The live machine when `input` is empty. With its scheduling groups.
Result<Machine> read_machine(const std::string& input);

}  // namespace torque
