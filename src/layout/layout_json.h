// torque.layout/1: the layout as JSON text. torque.fleet/1: the layouts of several machines.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "torque/layout.h"
#include "torque/result.h"

namespace torque {

// Of a document: a layout of 4,096 workers, each with all there is to say, takes 2 MiB.
inline constexpr std::size_t kLayoutBytesMax = std::size_t{32} << 20;

// Ends with a newline. Equal layouts give equal bytes.
std::string layout_json(const Layout& layout);

// Errors name `name` and the place: the line of a syntax error, else the JSON pointer of the faulty value.
// Keys that torque.layout/1 does not know are passed over; those the server needs must be there.
Result<Layout> parse_layout(std::string_view text, const std::string& name);

struct FleetMember {
    std::string input;  // as the user named it
    Layout layout;
};

// Each boot line with the machines that it is for, and each machine's layout. Ends with a newline.
std::string fleet_json(const std::vector<FleetMember>& fleet);

}  // namespace torque
