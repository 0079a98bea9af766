// The CPU lists of the kernel's boot line: regions with strides, printed and parsed back.
#pragma once

#include <string>
#include <string_view>

#include "torque/cpu_set.h"
#include "torque/result.h"

namespace torque::planning {

// What the kernel's bitmap_parselist() makes of a list on the boot line (lib/bitmap-str.c, admin-guide/
// kernel-parameters, "cpu lists"): comma-parted regions `n`, `a-b`, `a-b:used/group` and `all[:used/group]`,
// where a number may be `N`, the last CPU. White space is refused here, since it ends a parameter.
// cpus_max: how many CPUs the target can have (nr_cpu_ids); a number at or above it makes the kernel drop
// the whole parameter. Errors: whatever the kernel would refuse.
Result<CpuSet> parse_kernel_list(std::string_view text, int cpus_max);

// The set in that grammar, with strides wherever they are shorter: "7,15,23,31" is "7-31:1/8".
// Only the kernel reads strides; every other program gets CpuSet::list().
std::string kernel_list(const CpuSet& cpus);

}  // namespace torque::planning
