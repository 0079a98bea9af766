#include <cstdio>

#include "catch.h"
#include "machine/build.h"
#include "probes/pci.h"
#include "probes/pci_ids.h"
#include "unit/machine/snapshot.h"

using torque::CpuSet;
using torque::Device;
using torque::Machine;

namespace {

constexpr const char* kNic = "0000:65:00.0";

// A network card of two queues with four interrupts, on node 1.
Snapshot with_nic() {
    Snapshot snapshot = two_cpus();
    const std::string path = Snapshot::pci_path(kNic);
    snapshot.pci(kNic, "DRIVER=ice\nPCI_CLASS=20000\nPCI_ID=8086:1592\nPCI_SLOT_NAME=0000:65:00.0", "1");
    for (const char* irq : {"41", "42", "43", "100"}) snapshot.file(path + "msi_irqs/" + irq, "msix");
    snapshot.link("sys/class/net/eth0", "../../devices/pci0000:65/0000:65:00.0/net/eth0");
    snapshot.link(path + "net/eth0/device", "../../../0000:65:00.0");
    snapshot.link(path + "driver", "../../../bus/pci/drivers/ice");
    snapshot.file(path + "net/eth0/operstate", "up").file(path + "net/eth0/speed", "100000");
    snapshot.file(path + "net/eth0/duplex", "full");
    snapshot.file(path + "net/eth0/queues/rx-0/rps_cpus", "0")
        .file(path + "net/eth0/queues/rx-1/rps_cpus", "2");
    snapshot.file(path + "net/eth0/queues/tx-0/xps_cpus", "1");
    return snapshot;
}

// As pci.ids is laid out, with sub-systems, comments and classes; long enough to be searched by halving.
std::string long_list() {
    std::string list = "#\n# List of PCI ID's\n#\n";
    for (int vendor = 0x0010; vendor < 0x8086; vendor += 0x40) {
        char line[64];
        std::snprintf(line, sizeof line, "%04x  Vendor %x\n", vendor, vendor);
        list += line;
        for (int device = 1; device < 4; ++device) {
            std::snprintf(line, sizeof line, "\t%04x  Device %x of %x\n\t\t%04x 0001  A board\n", device,
                          device, vendor, vendor);
            list += line;
        }
    }
    list += "8086  Intel Corporation\n";
    for (int device = 0x1000; device < 0x3000; device += 2) {
        char line[64];
        std::snprintf(line, sizeof line, "\t%04x  Model %x\n\t\t8086 0001  %04x  Decoy\n", device, device,
                      device + 1);
        list += line;
    }
    return list + "ffff  Illegal Vendor ID\n\nC 02  Network controller\n\t00  Ethernet controller\n";
}

std::optional<torque::PciNames> names_in(const std::string& list, torque::PciId id) {
    Snapshot snapshot;
    snapshot.file("usr/share/hwdata/pci.ids", list);
    const auto names = torque::read_pci_names(*snapshot.host().root, {id});
    const auto at = names.find(id);
    return at != names.end() ? std::optional(at->second) : std::nullopt;
}

}  // namespace

TEST_CASE("a network interface lies where its PCI function does") {
    const Machine machine = build(with_nic());
    REQUIRE(machine.devices.size() == 1);
    const Device& nic = machine.devices[0];
    CHECK(nic.address == kNic);
    CHECK(nic.kind == "network");
    CHECK(nic.name == "eth0");
    CHECK(nic.node == torque::NodeId{1});
    CHECK(nic.cpus == CpuSet{0, 1});
    CHECK(nic.queues == 2);
    CHECK(nic.driver == "ice");
    CHECK(nic.state == "up");
    CHECK(nic.speed_mbps == 100'000);
    CHECK(nic.duplex == "full");
    CHECK(nic.tx_queues == 1);
    CHECK(nic.rps_cpus == CpuSet{1});
    CHECK(nic.rps_queues == std::vector<CpuSet>{{}, {1}});
    CHECK(nic.xps_queues.empty());  // a single queue sends everybody's packets
    CHECK(nic.irqs == std::vector<int>{41, 42, 43, 100});
    CHECK_FALSE(nic.vendor.has_value());  // no pci.ids in the snapshot
    CHECK(machine.irqs.empty());          // nor anything of interrupts
}

TEST_CASE("a link that is down is not asked for its speed") {
    Snapshot snapshot = with_nic();
    snapshot.file(Snapshot::pci_path(kNic) + "net/eth0/operstate", "down");
    const Device nic = build(snapshot).devices.at(0);
    CHECK(nic.state == "down");
    CHECK_FALSE(nic.speed_mbps.has_value());
}

TEST_CASE("interrupts are those of the devices, with what /proc and debugfs tell") {
    Snapshot snapshot = with_nic();
    for (const char* irq : {"41", "42", "43", "50"}) {
        const std::string proc = "proc/irq/" + std::string(irq) + "/";
        snapshot.file(proc + "smp_affinity_list", "0-1").file(proc + "effective_affinity_list", "1");
        snapshot.file("sys/kernel/irq/" + std::string(irq) + "/actions", "ice-eth0-" + std::string(irq));
    }
    snapshot.file("sys/kernel/debug/irq/irqs/41",
                  "dstate: 0x31600200\n            IRQD_AFFINITY_MANAGED\nnode: 1");
    snapshot.file("sys/kernel/debug/irq/irqs/42", "dstate: 0x31600200\nnode: 1");
    const Machine machine = build(snapshot);
    REQUIRE(machine.irqs.size() == 3);  // 100 is not known to /proc, 50 is no device's
    CHECK(machine.irqs[0].irq == 41);
    CHECK(machine.irqs[0].name == "ice-eth0-41");
    CHECK(machine.irqs[0].cpus == CpuSet{0, 1});
    CHECK(machine.irqs[0].effective_cpus == CpuSet{1});
    CHECK(machine.irqs[0].managed == true);
    CHECK(machine.irqs[1].managed == false);
    CHECK_FALSE(machine.irqs[2].managed.has_value());
}

TEST_CASE("where debugfs is silent, the names of some drivers' queues tell that they are managed") {
    const auto managed = [](const char* name, bool has_debugfs = false) {
        Snapshot snapshot = with_nic();
        snapshot.file("proc/irq/41/smp_affinity_list", "0-1").file("sys/kernel/irq/41/actions", name);
        if (has_debugfs) snapshot.file("sys/kernel/debug/irq/irqs/41", "dstate: 0x31600200");
        return build(snapshot).irqs.at(0).managed;
    };
    for (const char* name : {"nvme0q1", "nvme10q128", "virtio3-req.0", "virtio0-request"})
        CHECK(managed(name) == true);
    for (const char* name : {"nvme0q0", "nvme0q0,nvme0q1", "nvme0q", "nvmeq1", "nvme0q1x", "virtio3-req.",
                             "virtio-req.0", "virtio3-config", "virtio3-input.0", "ice-eth0-TxRx-0", ""})
        CHECK_FALSE(managed(name).has_value());
    CHECK(managed("nvme0q1", true) == false);  // debugfs knows
}

TEST_CASE("without /sys/kernel/irq the names come from /proc/interrupts") {
    Snapshot snapshot = with_nic();
    snapshot.file("proc/interrupts",
                  "           CPU0       CPU1\n"
                  " 41:       1243          0 PCI-MSIX-0000:65:00.0   0-edge      ice-eth0-TxRx-0\n"
                  " 42:          0          9   PCI-MSI-edge      ice misc, ice two\n"
                  " 43:          0          0\n"
                  "NMI:          0          0   Non-maskable interrupts");
    const Machine machine = build(snapshot);
    REQUIRE(machine.irqs.size() == 2);
    CHECK(machine.irqs[0].name == "ice-eth0-TxRx-0");
    CHECK(machine.irqs[1].name == "ice misc, ice two");
    CHECK(machine.irqs[0].cpus.empty());
    CHECK_FALSE(machine.irqs[0].effective_cpus.has_value());
}

TEST_CASE("disks have their controller's place, and NVMe namespaces their short name") {
    Snapshot snapshot = two_cpus();
    snapshot.pci("0000:01:00.0", "DRIVER=nvme\nPCI_CLASS=10802\nPCI_ID=144D:A808", "1");
    snapshot.pci("0000:02:00.0", "DRIVER=ahci\nPCI_CLASS=10601\nPCI_ID=8086:2922", "0");
    snapshot.pci("0000:03:00.0", "PCI_CLASS=60400\nPCI_ID=8086:0001");
    const std::string nvme = Snapshot::pci_path("0000:01:00.0") + "nvme/nvme0/nvme0c0n1/";
    snapshot.link("sys/block/nvme0c0n1", "../devices/pci0000:01/0000:01:00.0/nvme/nvme0/nvme0c0n1");
    snapshot.link("sys/block/nvme0n1", "../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1");
    snapshot.file(nvme + "device/model", "SAMSUNG MZQL2960   ");
    for (const char* queue : {"0", "1", "2", "10"}) snapshot.file(nvme + "mq/" + queue + "/cpu_list", "0");
    snapshot.link("sys/block/sda",
                  "../devices/pci0000:02/0000:02:00.0/ata1/host0/target0:0:0/0:0:0:0/block/sda");
    snapshot.file(Snapshot::pci_path("0000:02:00.0") + "ata1/host0/target0:0:0/0:0:0:0/block/sda/size", "1");
    snapshot.link("sys/block/loop0", "../devices/virtual/block/loop0");
    const Machine machine = build(snapshot);
    REQUIRE(machine.devices.size() == 2);
    CHECK(machine.devices[0].kind == "nvme");
    CHECK(machine.devices[0].name == "nvme0n1");
    CHECK(machine.devices[0].queues == 4);
    CHECK(machine.devices[0].model == "SAMSUNG MZQL2960");
    CHECK(machine.devices[0].node == torque::NodeId{1});
    CHECK(machine.devices[1].kind == "block");
    CHECK(machine.devices[1].name == "sda");
    CHECK(machine.devices[1].driver == "ahci");
    CHECK(machine.devices[1].node == torque::NodeId{0});
    CHECK_FALSE(machine.devices[1].queues.has_value());
}

TEST_CASE("a virtio disk has its own driver, not the bus'") {
    Snapshot snapshot = two_cpus();
    snapshot.pci("0000:01:00.0", "DRIVER=virtio-pci\nPCI_CLASS=10000\nPCI_ID=1AF4:1001");
    const std::string vda = Snapshot::pci_path("0000:01:00.0") + "virtio0/block/vda/";
    snapshot.link("sys/block/vda", "../devices/pci0000:01/0000:01:00.0/virtio0/block/vda");
    snapshot.link(vda + "device/driver", "../../../../bus/virtio/drivers/virtio_blk");
    const Machine machine = build(snapshot);
    REQUIRE(machine.devices.size() == 1);
    CHECK(machine.devices[0].driver == "virtio_blk");
}

TEST_CASE("queues are told in the order of their numbers, XPS only of an interface that is up") {
    Snapshot snapshot = with_nic();
    const std::string queues = Snapshot::pci_path(kNic) + "net/eth0/queues/";
    for (int queue = 0; queue < 11; ++queue) {
        snapshot.file(queues + "tx-" + std::to_string(queue) + "/xps_cpus", queue == 10 ? "2" : "1");
    }
    Device nic = build(snapshot).devices.at(0);
    CHECK(nic.tx_queues == 11);
    REQUIRE(nic.xps_queues.size() == 11);
    CHECK(nic.xps_queues[9] == CpuSet{0});
    CHECK(nic.xps_queues[10] == CpuSet{1});
    snapshot.file(Snapshot::pci_path(kNic) + "net/eth0/operstate", "down");
    nic = build(snapshot).devices.at(0);
    CHECK(nic.tx_queues == 11);
    CHECK(nic.xps_queues.empty());
    CHECK_FALSE(nic.duplex.has_value());
}

TEST_CASE("a duplex that the driver does not know is absent") {
    Snapshot snapshot = with_nic();
    snapshot.file(Snapshot::pci_path(kNic) + "net/eth0/duplex", "unknown");
    CHECK_FALSE(build(snapshot).devices.at(0).duplex.has_value());
}

TEST_CASE("GPUs tell what their drivers show") {
    Snapshot snapshot = two_cpus();
    snapshot.pci("0000:01:00.0", "DRIVER=amdgpu\nPCI_CLASS=38000\nPCI_ID=1002:740F", "1");
    snapshot.pci("0000:02:00.0", "DRIVER=nvidia\nPCI_CLASS=30200\nPCI_ID=10DE:2330", "0");
    snapshot.file(Snapshot::pci_path("0000:01:00.0") + "mem_info_vram_total", "68702699520");
    snapshot.file(Snapshot::pci_path("0000:01:00.0") + "drm/card3/dev", "226:3");
    snapshot.file(Snapshot::pci_path("0000:01:00.0") + "drm/renderD128/dev", "226:128");
    snapshot.file("proc/driver/nvidia/gpus/0000:02:00.0/information",
                  "Model: \t\t NVIDIA H100\nIRQ:   \t\t 123");
    const Machine machine = build(snapshot);
    REQUIRE(machine.devices.size() == 2);
    CHECK(machine.devices[0].kind == "gpu");
    CHECK(machine.devices[0].name == "card3");
    CHECK(machine.devices[0].memory_bytes == 68702699520u);
    CHECK(machine.devices[1].model == "NVIDIA H100");
    CHECK(machine.devices[1].name.empty());
}

TEST_CASE("a snapshot without uevent files is read from the files for each fact") {
    Snapshot snapshot = two_cpus();
    const std::string path = "sys/bus/pci/devices/10000:01:00.0/";
    snapshot.file(path + "class", "0x020700").file(path + "vendor", "0x15b3").file(path + "device", "0x101b");
    snapshot.link(path + "driver", "../../../bus/pci/drivers/mlx5_core");
    snapshot.file("usr/share/misc/pci.ids",
                  "15b3  Mellanox Technologies\n\t101b  MT28908 Family [ConnectX-6]");
    snapshot.link("sys/class/infiniband/mlx5_0", "../../devices/pci10000:00/10000:01:00.0/infiniband/mlx5_0");
    const Machine machine = build(snapshot);
    REQUIRE(machine.devices.size() == 1);
    CHECK(machine.devices[0].address == "10000:01:00.0");
    CHECK(machine.devices[0].kind == "infiniband");
    CHECK(machine.devices[0].name == "mlx5_0");
    CHECK(machine.devices[0].driver == "mlx5_core");
    CHECK(machine.devices[0].vendor == "Mellanox Technologies");
    CHECK(machine.devices[0].model == "MT28908 Family [ConnectX-6]");
    CHECK_FALSE(machine.devices[0].node.has_value());
}

TEST_CASE("names that are no PCI addresses are no devices") {
    Snapshot snapshot = two_cpus();
    for (const char* name : {"0000:01:00", "000:01:00.0", "0000:01:00.8", "0000:01:00.00", "0000:0g:00.0"}) {
        snapshot.file("sys/bus/pci/devices/" + std::string(name) + "/class", "0x020000");
    }
    CHECK(build(snapshot).devices.empty());
    CHECK(torque::pci_address_in("../devices/pci0000:00/0000:00:01.1/0000:02:00.0/virtio6/block/sda") ==
          "0000:02:00.0");
    CHECK(torque::pci_address_in("../devices/virtual/net/lo").empty());
}

TEST_CASE("pci.ids is searched by halving, and its names are those of a plain reading") {
    const std::string list = long_list();
    REQUIRE(list.size() > 100'000);
    CHECK(names_in(list, {0x8086, 0x1000})->device == "Model 1000");
    CHECK(names_in(list, {0x8086, 0x2ffe})->device == "Model 2ffe");
    CHECK(names_in(list, {0x8086, 0x1592})->device == "Model 1592");
    CHECK(names_in(list, {0x8086, 0x1592})->vendor == "Intel Corporation");
    CHECK(names_in(list, {0x0010, 1})->device == "Device 1 of 10");
    CHECK(names_in(list, {0x4010, 3})->device == "Device 3 of 4010");
    CHECK(names_in(list, {0xffff, 0})->vendor == "Illegal Vendor ID");
    CHECK_FALSE(names_in(list, {0xffff, 0})->device.has_value());       // 00 is a class', not a device's
    CHECK_FALSE(names_in(list, {0x8086, 0x1593})->device.has_value());  // only a sub-system has the number
    CHECK_FALSE(names_in(list, {0x0010, 4})->device.has_value());       // only other vendors have it
    CHECK_FALSE(names_in(list, {0x8087, 0x1592}).has_value());
}

TEST_CASE("a list that is none, or a hostile one, names nothing and ends") {
    CHECK_FALSE(names_in("", {0x8086, 1}).has_value());
    CHECK_FALSE(names_in(std::string(100'000, 'a'), {0x8086, 1}).has_value());
    CHECK_FALSE(names_in(std::string(100'000, '\n'), {0x8086, 1}).has_value());
    CHECK_FALSE(names_in("8086", {0x8086, 1}).has_value());
    CHECK(names_in("8086  Intel\n\t0001  One", {0x8086, 1})->device == "One");  // the last line needs no end
}
