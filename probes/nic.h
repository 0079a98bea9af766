// Network interfaces that belong to a device, as /sys/class/net tells them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sys/dir.h"
#include "torque/cpu_set.h"

namespace torque {

struct Nic {
    std::string name;         // "eth0"
    std::string pci_address;  // of the function that it belongs to; empty when it is on no PCI bus
    std::optional<int> node;  // absent where the kernel says -1
    CpuSet local_cpus;
    int rx_queues = 0;
};

// By name. Interfaces without a device (bridges, tunnels, the loopback) are left out.
std::vector<Nic> read_nics(const Dir& root);

}  // namespace torque
