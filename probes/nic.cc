#include "probes/nic.h"

#include <algorithm>

#include "probes/read.h"

namespace torque {
namespace {

// The last part of the path that looks like a PCI address, "DDDD:BB:DD.F": the function nearest to the device.
std::string pci_address_in(std::string_view path) {
    std::string found;
    while (!path.empty()) {
        const std::string_view part = take_until(path, '/');
        const std::size_t dot = part.rfind('.');
        const bool is_address = std::count(part.begin(), part.end(), ':') == 2 && dot != part.npos &&
                                part.find_first_not_of("0123456789abcdefABCDEF:.") == part.npos;
        if (is_address) found = std::string(part);
    }
    return found;
}

}  // namespace

std::vector<Nic> read_nics(const Dir& root) {
    std::vector<Nic> nics;
    for (const std::string& name : root.list("sys/class/net")) {
        const std::string path = "sys/class/net/" + name;
        const auto link = root.link(path);
        const auto interface = root.open(path);
        if (interface == nullptr || (link && link->find("/virtual/") != link->npos)) continue;
        const auto device = interface->open("device");
        if (device == nullptr) continue;
        Nic nic;
        nic.name = name;
        nic.pci_address = pci_address_in(link.value_or(""));
        nic.node = read_int(*device, "numa_node");
        if (nic.node && *nic.node < 0) nic.node.reset();
        nic.local_cpus = read_cpus(*device, "local_cpus", "local_cpulist").value_or(CpuSet{});
        nic.rx_queues = static_cast<int>(numbered_entries(*interface, "queues", "rx-").size());
        nics.push_back(std::move(nic));
    }
    return nics;
}

}  // namespace torque
