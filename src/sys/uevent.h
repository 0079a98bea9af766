// What a message of the kernel about a device says of CPUs and memory.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace torque {

// "cpu3 offline", "memory40 added"; absent for other devices, other actions, and what is no such message.
// message: "ACTION@DEVPATH", NUL, "SUBSYSTEM=cpu", NUL, ... (lib/kobject_uevent.c; actions:
// Documentation/ABI/stable/sysfs-devices-system-cpu, admin-guide/mm/memory-hotplug.rst).
std::optional<std::string> hotplug_of(std::string_view message);

}  // namespace torque
