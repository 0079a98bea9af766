// Joins PCI functions and the interfaces on them into one list of devices.
#pragma once

#include <vector>

#include "probes/nic.h"
#include "probes/pci.h"
#include "torque/machine.h"

namespace torque {

// An entry for each interface, and one for each function that has none; by address, then name.
std::vector<Device> devices_of(const std::vector<PciFunction>& functions, const std::vector<Nic>& nics);

}  // namespace torque
