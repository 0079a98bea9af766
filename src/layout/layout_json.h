// torque.fleet/1: the layouts of several machines; and how large a torque.layout/1 may be.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "torque/json.h"
#include "torque/layout.h"

namespace torque {

// Of a document: a layout of 4,096 workers, each with all there is to say, takes 2 MiB.
inline constexpr std::size_t kLayoutBytesMax = std::size_t{32} << 20;

// For who names a file that cannot be read.
inline constexpr const char* kMakeLayoutHint = "make one: torque-topo plan --workers 4 > layout.json";

struct FleetMember {
    std::string input;  // as the user named it
    Layout layout;
};

// Each boot line with the machines that it is for, and each machine's layout. Ends with a newline.
std::string fleet_json(const std::vector<FleetMember>& fleet);

// Of a torque.layout/1 it is that layout alone, for an input without a name. Errors as of parse_layout().
Result<std::vector<FleetMember>> parse_fleet(std::string_view text, const std::string& name);

}  // namespace torque
