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

// `text` with {isolated} and {housekeeping} replaced.
std::string fill_in(std::string text, const std::string& isolated, const std::string& housekeeping);

// The profile's parameters for the division (R16, R18). Strides are used where they shorten the whole line by
// more than 64 characters. possible: the target's CPUs, against which the lists are parsed back as the kernel
// would. Errors: a list that the kernel would not read as the plan means it (a defect of this program).
Result<BootLine> boot_line(const Profile& profile, const Division& division, const CpuSet& possible);

// Warnings: parameters that the running kernel's line has already, and a line that would grow too long.
std::vector<std::string> boot_conflicts(const Boot& boot, const std::string& running);

}  // namespace torque::planning
