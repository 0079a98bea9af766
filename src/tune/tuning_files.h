// Which of the kernel's files apply may write: a layout may come from anywhere.
#pragma once

#include <string_view>

namespace torque::tune {

// Files of scheduling, interrupts, queues and memory. None through which the kernel starts a program, such as
// /proc/sys/kernel/core_pattern, and no way out of the folders that they are in.
bool is_tuning_file(std::string_view path);

}  // namespace torque::tune
