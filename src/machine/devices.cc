#include "machine/devices.h"

#include <algorithm>
#include <tuple>

namespace torque {
namespace {

Device device_of(const PciFunction& function) {
    Device device;
    device.address = function.address;
    device.kind = pci_kind(function.class_code);
    if (function.node) device.node = NodeId{*function.node};
    device.cpus = function.local_cpus;
    device.irqs = function.irqs;
    return device;
}

Device device_of(const Nic& nic, const PciFunction* function) {
    Device device = function != nullptr ? device_of(*function) : Device{};
    device.address = nic.pci_address;
    if (function == nullptr) device.kind = "network";
    device.name = nic.name;
    if (nic.node) device.node = NodeId{*nic.node};
    if (!nic.local_cpus.empty()) device.cpus = nic.local_cpus;
    if (nic.rx_queues > 0) device.queues = nic.rx_queues;
    return device;
}

}  // namespace

std::vector<Device> devices_of(const std::vector<PciFunction>& functions, const std::vector<Nic>& nics) {
    std::vector<Device> devices;
    for (const Nic& nic : nics) {
        const auto function = std::find_if(functions.begin(), functions.end(), [&](const PciFunction& one) {
            return one.address == nic.pci_address;
        });
        devices.push_back(device_of(nic, function != functions.end() ? &*function : nullptr));
    }
    for (const PciFunction& function : functions) {
        const bool has_interface = std::any_of(nics.begin(), nics.end(), [&](const Nic& nic) {
            return nic.pci_address == function.address;
        });
        if (!has_interface) devices.push_back(device_of(function));
    }
    std::sort(devices.begin(), devices.end(), [](const Device& a, const Device& b) {
        return std::tie(a.address, a.name) < std::tie(b.address, b.name);
    });
    return devices;
}

}  // namespace torque
