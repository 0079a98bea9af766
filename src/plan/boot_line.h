// The kernel boot line of a plan, and what stands in its way.
#pragma once

#include <string>
#include <vector>

#include "plan/divide.h"
#include "torque/layout.h"
#include "torque/profile.h"
#include "torque/result.h"

namespace torque::planning {

struct BootLine {
    Boot boot;
    bool strided = false;  // its lists are written with strides (R16)
    int saved = 0;         // characters that strides save, used or not
};

// What the marks in a profile's values stand for: CPU lists, and masks as CpuSet::mask() writes them.
struct Fillings {
    std::string isolated, housekeeping;
    std::string isolated_mask, housekeeping_mask;
};

// With plain lists.
Fillings fillings(const Division& division);

// `text` with {isolated}, {housekeeping}, {isolated_mask} and {housekeeping_mask} replaced.
std::string fill_in(std::string text, const Fillings& fillings);

// The profile's parameters for the division (R16, R18). Strides are used where they shorten the whole line by
// more than 64 characters. possible: the target's CPUs, against which the lists are parsed back as the kernel
// would. Errors: a list that the kernel would not read as the plan means it (a defect of this program).
Result<BootLine> boot_line(const Profile& profile, const Division& division, const CpuSet& possible);

// Warnings: parameters that the running kernel's line has already, and a line that would grow too long.
std::vector<std::string> boot_conflicts(const Boot& boot, const std::string& running);

}  // namespace torque::planning
