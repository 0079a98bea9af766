// Machines, layouts and profiles as JSON text, and back. Pure.
#pragma once

#include <string>
#include <string_view>

#include "torque/layout.h"
#include "torque/machine.h"
#include "torque/profile.h"
#include "torque/result.h"

namespace torque {

// torque.machine/1, see torque-machine(5). Ends with a newline. One line for each CPU, core, cache and so on.
// What is unknown is null.
std::string machine_json(const Machine& machine);

// `name` goes into errors and becomes Machine::host.source. Keys that this version does not know are passed
// over, and lists that are missing are empty, so that documents of other versions can be read;
// Machine::groups is left empty, for it follows from the rest: see scheduling_groups(). Errors name the JSON
// pointer: not JSON, another schema, a value of the wrong kind, an id that names nothing.
Result<Machine> parse_machine(std::string_view text, const std::string& name);

// torque.layout/1, see torque-layout(5). Ends with a newline. Equal layouts give equal bytes.
std::string layout_json(const Layout& layout);

// Errors name `name` and the place: the line of a syntax error, else the JSON pointer of the faulty value.
// Keys that torque.layout/1 does not know are passed over; those the server needs must be there.
Result<Layout> parse_layout(std::string_view text, const std::string& name);

// torque.profile/1 with // comments, see torque-profile(5). Errors name `name` and the place; an unknown key
// is one, with the key that was probably meant.
Result<Profile> parse_profile(std::string_view text, const std::string& name);

}  // namespace torque
