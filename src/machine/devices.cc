#include "machine/devices.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>

#include "probes/irq.h"

namespace torque {
namespace {

// Joins facts to functions by address; functions are in the order of theirs.
class Join {
  public:
    explicit Join(const DeviceFacts& facts) : facts_(&facts) {}

    // A device of `kind`, or of the function's own kind where that is null.
    Device at(const std::string& address, const char* kind) const {
        Device device;
        device.address = address;
        if (kind != nullptr) device.kind = kind;
        const auto function = std::lower_bound(
            facts_->functions.begin(), facts_->functions.end(), address,
            [](const PciFunction& f, const std::string& wanted) { return f.address < wanted; });
        if (function == facts_->functions.end() || function->address != address) return device;
        const char* own_kind = pci_kind(function->class_code);
        if (own_kind != nullptr && (kind == nullptr || std::string_view(kind) == "block"))
            device.kind = own_kind;
        if (function->node) device.node = NodeId{*function->node};
        device.cpus = function->local_cpus;
        device.irqs = function->irqs;
        device.driver = function->driver;
        const auto names = facts_->names.find({function->vendor_id, function->device_id});
        if (names != facts_->names.end()) {
            device.vendor = names->second.vendor;
            device.model = names->second.device;
        }
        return device;
    }

  private:
    const DeviceFacts* facts_;
};

Device device_of(const Nic& nic, const Join& join) {
    Device device = join.at(nic.pci_address, "network");
    device.name = nic.name;
    if (nic.pci_address.empty()) {
        if (nic.node) device.node = NodeId{*nic.node};
        device.cpus = nic.local_cpus;
    }
    if (nic.driver) device.driver = nic.driver;
    if (nic.rx_queues > 0) device.queues = nic.rx_queues;
    device.state = nic.state;
    device.speed_mbps = nic.speed_mbps;
    device.duplex = nic.duplex;
    if (nic.tx_queues > 0) device.tx_queues = nic.tx_queues;
    device.rps_cpus = nic.rps_cpus;
    device.rps_queues = nic.rps_queues;
    device.xps_queues = nic.xps_queues;
    return device;
}

Device device_of(const BlockDevice& disk, const Join& join) {
    Device device = join.at(disk.pci_address, "block");
    device.name = disk.name;
    device.queues = disk.hardware_queues;
    if (disk.driver) device.driver = disk.driver;
    if (disk.model) {
        // A drive behind a controller is not of the controller's make; an NVMe drive is its own controller.
        if (device.kind != "nvme") device.vendor.reset();
        device.model = disk.model;
    }
    return device;
}

void add_gpu(const Gpu& gpu, std::vector<Device>& devices) {
    const auto at = std::find_if(devices.begin(), devices.end(),
                                 [&](const Device& device) { return device.address == gpu.pci_address; });
    if (at == devices.end()) return;
    at->name = gpu.name;
    if (gpu.model) at->model = gpu.model;
    at->memory_bytes = gpu.memory_bytes;
}

// What to look up: a drive tells its model itself, and a controller of drives is not what anybody looks for.
std::set<PciId> nameless(const DeviceFacts& facts) {
    std::set<std::string> named;
    for (const BlockDevice& disk : facts.disks) {
        if (disk.model) named.insert(disk.pci_address);
    }
    std::set<PciId> ids;
    for (const PciFunction& function : facts.functions) {
        const bool is_of_interest = pci_kind(function.class_code) != nullptr && function.vendor_id != 0;
        if (is_of_interest && named.find(function.address) == named.end()) {
            ids.emplace(function.vendor_id, function.device_id);
        }
    }
    return ids;
}

}  // namespace

DeviceFacts read_devices(const Dir& root) {
    DeviceFacts facts;
    // From sys/, because the entries of its folders are links that lead out of them.
    const auto sys = root.open("sys");
    if (sys == nullptr) return facts;
    facts.nics = read_nics(*sys);
    facts.rdma = read_rdma(*sys);
    facts.disks = read_block_devices(*sys);
    std::set<std::string> wanted;
    for (const Nic& nic : facts.nics) wanted.insert(nic.pci_address);
    for (const RdmaDevice& device : facts.rdma) wanted.insert(device.pci_address);
    for (const BlockDevice& disk : facts.disks) wanted.insert(disk.pci_address);
    facts.functions = read_pci(*sys, wanted);
    facts.gpus = read_gpus(root, facts.functions);
    facts.names = read_pci_names(root, nameless(facts));
    return facts;
}

std::vector<Device> devices_of(const DeviceFacts& facts) {
    const Join join(facts);
    std::vector<Device> devices;
    std::set<std::string> named;  // functions that have an interface or a disk
    for (const Nic& nic : facts.nics) {
        named.insert(nic.pci_address);
        devices.push_back(device_of(nic, join));
    }
    for (const RdmaDevice& rdma : facts.rdma) {
        named.insert(rdma.pci_address);
        devices.push_back(join.at(rdma.pci_address, "infiniband"));
        devices.back().name = rdma.name;
    }
    for (const BlockDevice& disk : facts.disks) {
        named.insert(disk.pci_address);
        devices.push_back(device_of(disk, join));
    }
    for (const PciFunction& function : facts.functions) {
        if (pci_kind(function.class_code) == nullptr || named.find(function.address) != named.end()) continue;
        devices.push_back(join.at(function.address, nullptr));
    }
    for (const Gpu& gpu : facts.gpus) add_gpu(gpu, devices);
    std::sort(devices.begin(), devices.end(), [](const Device& a, const Device& b) {
        return std::tie(a.address, a.name, a.kind) < std::tie(b.address, b.name, b.kind);
    });
    return devices;
}

void add_devices(const Dir& root, Machine& machine) {
    const DeviceFacts facts = read_devices(root);
    machine.devices = devices_of(facts);
    std::vector<int> irqs;
    for (const Device& device : machine.devices)
        irqs.insert(irqs.end(), device.irqs.begin(), device.irqs.end());
    machine.irqs = read_irqs(root, std::move(irqs));
    const auto say = [&](const char* fact, const char* source) {
        machine.provenance.push_back({fact, source});
    };
    if (!machine.devices.empty()) say("devices", "/sys/bus/pci/devices, /sys/class/net, /sys/block");
    if (!facts.names.empty()) say("devices.model", "pci.ids");
    if (!machine.irqs.empty()) say("irqs", "/proc/irq");
}

}  // namespace torque
