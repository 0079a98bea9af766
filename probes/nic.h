// Network interfaces and RDMA devices of hardware, as /sys/class/net and /sys/class/infiniband tell.
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
    std::optional<int> node;  // these two only where there is no PCI function that tells the same
    CpuSet local_cpus;
    std::optional<std::string> driver;
    std::optional<std::string> state;  // operstate: "up", "down", "unknown"
    std::optional<int> speed_mbps;     // asked only of an interface that is up: the others refuse
    int rx_queues = 0, tx_queues = 0;
    std::optional<std::string> duplex;  // "full", "half"; likewise
    std::optional<CpuSet> rps_cpus;  // of all receive queues together; empty: receive packet steering is off
    std::vector<CpuSet> rps_queues, xps_queues;  // of each queue; empty where the kernel does not tell
};

// `sys`: the tree's sys/, here and below. By name. Interfaces without a device (bridges, tunnels, the
// loopback) are left out. xps_cpus is read only of an interface that is up and has several transmit queues:
// the kernel takes the lock of all network configuration for each of them, and has nothing to tell of a
// single one. Documents: Documentation/ABI/testing/sysfs-class-net, sysfs-class-net-queues.
std::vector<Nic> read_nics(const Dir& sys);

struct RdmaDevice {
    std::string name;  // "mlx5_0"
    std::string pci_address;
};

// By name.
std::vector<RdmaDevice> read_rdma(const Dir& sys);

}  // namespace torque
