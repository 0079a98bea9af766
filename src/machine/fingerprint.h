// fingerprint(): a short text that is equal on machines between which a layout can be moved.
#pragma once

#include <string>

#include "torque/machine.h"

namespace torque {

// 16 hexadecimal digits over the model, the possible CPUs, and which of them share a core, a last-level
// cache, a node and a package. Not over what may change on one machine: memory, kernel, cpusets, devices.
std::string fingerprint(const Machine& machine);

}  // namespace torque
