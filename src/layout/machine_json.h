// torque.machine/1: the machine as JSON text.
#pragma once

#include <string>

#include "torque/machine.h"

namespace torque {

// Ends with a newline. One line for each CPU, core, cache and so on. What is unknown is null.
std::string machine_json(const Machine& machine);

}  // namespace torque
