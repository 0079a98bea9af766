// Which hypervisor the machine is a guest of, as firmware tables tell: for what CPUID leaves open.
#pragma once

#include <optional>
#include <string>

#include "sys/dir.h"

namespace torque {

// "KVM", "VMware", "Hyper-V" and so on by /sys/hypervisor/type, the names in DMI, the device tree (Arm,
// POWER) or /proc/sysinfo (s390), in this order; absent when none of them speaks of one, which proves
// nothing.
std::optional<std::string> read_hypervisor(const Dir& root);

}  // namespace torque
