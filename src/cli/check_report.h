// What check found, as text and as a document.
#pragma once

#include <string>
#include <vector>

#include "render/tree.h"
#include "tune/check.h"

namespace torque {

struct CheckedMachine {
    std::string name;  // "live", or the input as it was named
    tune::CheckReport report;
};

bool has_drift(const CheckedMachine& machine);

std::string check_text(const CheckedMachine& machine, const TreeStyle& style);
std::string check_json(const CheckedMachine& machine);  // torque.check/1

// Of several: those that have not drifted in a line each; torque.fleet-check/1.
std::string fleet_check_text(const std::vector<CheckedMachine>& fleet, const TreeStyle& style);
std::string fleet_check_json(const std::vector<CheckedMachine>& fleet);

}  // namespace torque
