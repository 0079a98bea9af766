// Adds the devices of a machine and their interrupts: what a plan may want to be near to.
#pragma once

#include <map>
#include <vector>

#include "probes/block.h"
#include "probes/gpu.h"
#include "probes/nic.h"
#include "probes/pci.h"
#include "probes/pci_ids.h"
#include "sys/dir.h"
#include "torque/machine.h"

namespace torque {

struct DeviceFacts {
    std::vector<Nic> nics;
    std::vector<RdmaDevice> rdma;
    std::vector<BlockDevice> disks;
    std::vector<PciFunction> functions;  // of interest, or of one of the above
    std::vector<Gpu> gpus;
    std::map<PciId, PciNames> names;
};

DeviceFacts read_devices(const Dir& root);

// An entry for each interface and disk, and one for each function of interest that has none; by address, then
// name. An interface lies where its PCI function does.
std::vector<Device> devices_of(const DeviceFacts& facts);

// Fills devices, irqs, and where they come from.
void add_devices(const Dir& root, Machine& machine);

}  // namespace torque
