// What the parts of a machine are called in text for people.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "render/text.h"
#include "torque/machine.h"

namespace torque {

// Names of the core types, by TypeId: "core" on a uniform machine, else "P core", "E core" and "LP-E core",
// with a number where two types share a class.
std::vector<Span> type_names(const Machine& machine);

// The name of the type; "core" when it is not known.
Span type_name(const std::vector<Span>& names, std::optional<TypeId> type);

std::string cache_name(const Cache& cache);  // "L1d", "L2"
std::string memory_name(MemoryKind kind);    // "" for ordinary memory

}  // namespace torque
