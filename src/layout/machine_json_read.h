// Reads torque.machine/1, the document that machine_json() writes.
#pragma once

#include <string>
#include <string_view>

#include "torque/machine.h"
#include "torque/result.h"

namespace torque {

// `name` goes into errors and becomes Machine::host.source. Keys that this version does not know are passed
// over, and lists that are missing are empty, so that documents of other versions can be read;
// Machine::groups is left empty, for it follows from the rest. Errors name the JSON pointer: not JSON,
// another schema, a value of the wrong kind, an id that names nothing.
Result<Machine> parse_machine(std::string_view text, const std::string& name);

}  // namespace torque
