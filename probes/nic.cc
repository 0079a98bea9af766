#include "probes/nic.h"

#include "probes/pci.h"
#include "probes/read.h"

namespace torque {
namespace {

constexpr std::size_t kInterfacesMax = 4096;
constexpr std::size_t kQueuesMax = 4096;  // of one interface

// A set for each queue, in their order; empty when none tells, and after the first kQueuesMax.
std::vector<CpuSet> read_queue_cpus(const Dir& interface, const std::vector<int>& queues, const char* prefix,
                                    const char* file) {
    std::vector<CpuSet> sets;
    bool told = false;
    for (const int queue : queues) {
        if (sets.size() == kQueuesMax) break;
        const auto cpus = read_cpu_mask(interface, "queues/" + (prefix + std::to_string(queue)) + file);
        told = told || cpus.has_value();
        sets.push_back(cpus.value_or(CpuSet{}));
    }
    if (!told) sets.clear();
    return sets;
}

void read_queues(const Dir& interface, Nic& nic) {
    const std::vector<std::string> queues = interface.list("queues");
    const std::vector<int> rx = numbers_after("rx-", queues), tx = numbers_after("tx-", queues);
    nic.rx_queues = static_cast<int>(rx.size());
    nic.tx_queues = static_cast<int>(tx.size());
    nic.rps_queues = read_queue_cpus(interface, rx, "rx-", "/rps_cpus");
    if (nic.state == "up" && tx.size() > 1) {
        nic.xps_queues = read_queue_cpus(interface, tx, "tx-", "/xps_cpus");
    }
    for (const CpuSet& cpus : nic.rps_queues) {
        if (!nic.rps_cpus) nic.rps_cpus.emplace();
        *nic.rps_cpus |= cpus;
    }
}

// Of an interface that is up: the others refuse.
void read_link(const Dir& interface, Nic& nic) {
    nic.speed_mbps = read_int(interface, "speed");
    if (nic.speed_mbps && *nic.speed_mbps <= 0) nic.speed_mbps.reset();  // -1: the driver does not know
    nic.duplex = interface.read("duplex");
    if (nic.duplex != "full" && nic.duplex != "half") nic.duplex.reset();
}

void read_place(const Dir& interface, Nic& nic) {
    nic.node = read_int(interface, "device/numa_node");
    if (nic.node && *nic.node < 0) nic.node.reset();
    nic.local_cpus = read_cpus(interface, "device/local_cpus", "device/local_cpulist").value_or(CpuSet{});
}

}  // namespace

std::vector<Nic> read_nics(const Dir& sys) {
    std::vector<Nic> nics;
    for (const std::string& name : sys.list("class/net")) {
        if (nics.size() == kInterfacesMax) break;
        const std::string path = "class/net/" + name;
        const auto link = sys.link(path);
        if (link && link->find("/virtual/") != link->npos) continue;
        const auto interface = sys.open(path);
        if (interface == nullptr) continue;
        // Some snapshots have folders where the kernel has links, others the links and little behind them.
        const auto place = link ? link : interface->link("device");
        if (!place) continue;
        Nic nic;
        nic.name = name;
        nic.pci_address = pci_address_in(*place);
        if (const auto driver = interface->link("device/driver")) {
            nic.driver = driver->substr(driver->rfind('/') + 1);
        }
        if (nic.pci_address.empty()) read_place(*interface, nic);
        nic.state = interface->read("operstate");
        if (nic.state == "up") read_link(*interface, nic);
        read_queues(*interface, nic);
        nics.push_back(std::move(nic));
    }
    return nics;
}

std::vector<RdmaDevice> read_rdma(const Dir& sys) {
    std::vector<RdmaDevice> devices;
    for (const std::string& name : sys.list("class/infiniband")) {
        if (devices.size() == kInterfacesMax) break;
        const std::string path = "class/infiniband/" + name;
        auto link = sys.link(path);
        if (!link) link = sys.link(path + "/device");
        const std::string address = pci_address_in(link.value_or(""));
        if (!address.empty()) devices.push_back({name, address});
    }
    return devices;
}

}  // namespace torque
