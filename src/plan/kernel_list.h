// The CPU lists of the kernel's boot line: regions with strides, printed and parsed back.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "torque/cpu_set.h"
#include "torque/result.h"

namespace torque::planning {

// Why the kernel gives up on a list.
enum class ListFault {
    syntax,        // something that is neither a number, a range nor a stride
    reversed,      // 11-4
    out_of_range,  // a CPU that the target cannot have
    stride,        // more used than there are in a group, or groups of none
};

struct KernelListReading {
    CpuSet cpus;                     // what was read before the fault; all of it when there is none
    std::optional<ListFault> fault;  // absent: the kernel takes the list
    std::size_t fault_at = 0;        // where the faulty region begins
};

// Reads a list as the kernel's bitmap_parselist() does (lib/bitmap-str.c, admin-guide/kernel-parameters, "cpu
// lists"): regions `n`, `a-b`, `a-b:used/group` and `all[:used/group]`, parted by commas and white space, any
// number of them; a number may be `N`, the last CPU. On the boot line white space ends a parameter that is
// not quoted. cpus_max: how many CPUs the target can have (nr_cpu_ids), at least 1.
KernelListReading read_kernel_list(std::string_view text, int cpus_max);

// The same where only the whole list will do. Errors: whatever the kernel would refuse.
Result<CpuSet> parse_kernel_list(std::string_view text, int cpus_max);

// The set in that grammar, with strides wherever they are shorter: "7,15,23,31" is "7-31:1/8".
// Only the kernel reads strides; every other program gets CpuSet::list().
std::string kernel_list(const CpuSet& cpus);

}  // namespace torque::planning
