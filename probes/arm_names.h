// Names of Arm cores, of which the kernel tells numbers alone.
#pragma once

#include <string_view>

namespace torque {

// "Neoverse-N1" for the words "0x41" and "0xd0c" of /proc/cpuinfo: CPU implementer and CPU part, which are
// the fields Implementer and PartNum of MIDR_EL1 (Arm Architecture Reference Manual). Empty for cores that
// are not in the table.
std::string_view arm_core_name(std::string_view implementer, std::string_view part);

}  // namespace torque
