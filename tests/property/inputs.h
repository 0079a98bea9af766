// The machines of the corpus, read through the same seam as the program's own --input.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "torque/machine.h"

namespace property {

// Paths of the snapshots and CPUID dumps below the corpus and the acceptance machines, sorted.
std::vector<std::string> inputs(const std::string& shared);

enum class Order { as_read, reversed };  // of the entries of every directory

// Absent when the input is none that a machine can be made of.
std::optional<torque::Machine> read(const std::string& path, Order order);

}  // namespace property
