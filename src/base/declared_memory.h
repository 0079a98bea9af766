// What firmware declares of the way from the CPUs of one node to the memory of another.
#pragma once

#include <optional>

#include "torque/machine.h"

namespace torque {

// The SLIT's distance. Absent where the machine has none for the two.
std::optional<int> declared_distance(const Machine& machine, NodeId from, NodeId to);

// The HMAT's row. By class, and the last one counts: it is that of initiators with CPUs, where there are two.
// Null where nothing is told of the two.
const MemoryAttributes* declared_attributes(const Machine& machine, NodeId from, NodeId to);

}  // namespace torque
