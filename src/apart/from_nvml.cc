#include "apart/from_nvml.h"

#include <algorithm>
#include <string>
#include <vector>

namespace torque {
namespace {

bool has_node(const Machine& machine, int id) {
    return std::any_of(machine.nodes.begin(), machine.nodes.end(),
                       [&](const Node& node) { return node.id.value == id; });
}

}  // namespace

void ask_nvml(Machine& machine, const char* library) {
    std::vector<std::string> addresses;
    for (const Device& device : machine.devices) {
        if (device.driver == "nvidia" && !device.address.empty()) addresses.push_back(device.address);
    }
    if (addresses.empty()) return;
    const std::vector<NvmlGpu> gpus = read_nvml(addresses, library);
    for (const NvmlGpu& gpu : gpus) {
        for (Device& device : machine.devices) {
            if (device.address != gpu.pci_address || device.driver != "nvidia") continue;
            if (gpu.name) device.model = gpu.name;
            if (gpu.memory_bytes) device.memory_bytes = gpu.memory_bytes;
            // The kernel's word where it has one.
            if (device.cpus.empty()) device.cpus = gpu.cpus & machine.host.online;
            if (!device.node && gpu.nodes.size() == 1 && has_node(machine, gpu.nodes.front()))
                device.node = NodeId{gpu.nodes.front()};
        }
    }
    if (!gpus.empty())
        machine.provenance.push_back({"devices.memory_bytes", std::string("NVML: ") + library});
}

}  // namespace torque
