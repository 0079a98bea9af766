// Builds a Machine from what hwloc says of one.
#pragma once

#include <string>

#include "torque/machine.h"
#include "torque/result.h"

namespace torque {

// hwloc XML, or a synthetic description. TLBs, APIC ids, interrupts, limits and the boot line are in neither.
// Errors: as read_hwloc_xml() and read_hwloc_synthetic() (libraries/hwloc.h); there is no CPU in it.
Result<Machine> machine_from_hwloc_xml(const std::string& text, const std::string& name);
Result<Machine> machine_from_hwloc_synthetic(const std::string& text, const std::string& name);

// What hwloc finds by itself: a second opinion, without devices. Errors: as read_hwloc_own().
Result<Machine> machine_as_hwloc_finds_it(const std::string& name);

}  // namespace torque
