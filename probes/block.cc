#include "probes/block.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "probes/pci.h"
#include "probes/read.h"

namespace torque {
namespace {

constexpr std::size_t kDevicesMax = 4096;

// What is virtual by its name need not be asked where it is: every machine has eight of the first.
constexpr std::string_view kVirtual[] = {"loop", "ram", "zram", "dm-", "nbd"};

bool is_virtual(std::string_view name) {
    return std::any_of(std::begin(kVirtual), std::end(kVirtual),
                       [&](std::string_view prefix) { return name.starts_with(prefix); });
}

// With native multipath a namespace shows as nvme0n1, which is virtual, and once for each path to it: as
// nvme0c1n1, controller 1 of subsystem 0. People and programs use the former name.
std::string namespace_name(const std::string& name) {
    if (!name.starts_with("nvme")) return name;
    const std::size_t path = name.find('c', 4);
    const std::size_t number = path != name.npos ? name.find('n', path) : name.npos;
    return number != name.npos ? name.substr(0, path) + name.substr(number) : name;
}

}  // namespace

std::vector<BlockDevice> read_block_devices(const Dir& sys) {
    std::vector<BlockDevice> devices;
    for (const std::string& name : sys.list("block")) {
        if (devices.size() == kDevicesMax) break;
        if (is_virtual(name)) continue;
        const std::string path = "block/" + name;
        const auto link = sys.link(path);
        if (!link || link->find("/virtual/") != link->npos) continue;
        const auto block = sys.open(path);
        if (block == nullptr) continue;
        BlockDevice device;
        device.name = namespace_name(name);
        device.pci_address = pci_address_in(*link);
        const auto queues = numbered_entries(*block, "mq", "");
        if (!queues.empty()) device.hardware_queues = static_cast<int>(queues.size());
        // Drives on SCSI, ATA and NVMe have it, virtio disks have not.
        if (const auto model = block->read("device/model")) {
            const std::string_view text = trim_space(*model);
            if (!text.empty()) device.model = std::string(text);
        }
        // The PCI function of a virtio disk has the bus' driver.
        const auto driver = device.name.starts_with("vd") ? block->link("device/driver") : std::nullopt;
        if (driver) device.driver = driver->substr(driver->rfind('/') + 1);
        devices.push_back(std::move(device));
    }
    return devices;
}

}  // namespace torque
