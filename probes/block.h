// Disks that belong to hardware, as /sys/block tells them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sys/dir.h"

namespace torque {

struct BlockDevice {
    std::string name;         // "nvme0n1", "sda"
    std::string pci_address;  // of the controller; empty when it is on no PCI bus
    std::optional<int> hardware_queues;
    std::optional<std::string> model;   // as the drive names itself
    std::optional<std::string> driver;  // of a virtio disk; the others' is their controller's
};

// `sys`: the tree's sys/. By name. Loop, RAM, mapped and RAID devices are left out, and so are partitions.
// Documents: Documentation/ABI/stable/sysfs-block, block/blk-mq.rst.
std::vector<BlockDevice> read_block_devices(const Dir& sys);

}  // namespace torque
