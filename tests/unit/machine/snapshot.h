// A snapshot in memory, written file by file, for tests of the probes and of what is built from them.
#pragma once

#include <memory>
#include <string>

#include "catch.h"
#include "machine/build.h"
#include "sys/host.h"
#include "sys/memory_dir.h"

class Snapshot {
  public:
    Snapshot& file(const std::string& path, const std::string& text) {
        torque::MemoryNode* node = tree_->make(path);
        node->kind = torque::MemoryNode::Kind::file;
        node->text = text + "\n";
        return *this;
    }

    Snapshot& link(const std::string& path, const std::string& target) {
        torque::MemoryNode* node = tree_->make(path);
        node->kind = torque::MemoryNode::Kind::link;
        node->text = target;
        return *this;
    }

    // A PCI function right below its root, with the files that every one has.
    Snapshot& pci(const std::string& address, const std::string& uevent, const std::string& node = "-1") {
        const std::string path = pci_path(address);
        link("sys/bus/pci/devices/" + address,
             "../../../devices/pci" + address.substr(0, address.find(':', 5)) + "/" + address);
        file(path + "uevent", uevent);
        file(path + "numa_node", node);
        return file(path + "local_cpulist", "0-1");
    }

    // /sys/devices/system/cpu/cpuN/topology with the masks of its core and package.
    Snapshot& cpu(int id, const std::string& core_mask, const std::string& package_mask, int package = 0) {
        const std::string topology = cpu_path(id) + "topology/";
        file(topology + "core_cpus", core_mask);
        file(topology + "core_id", std::to_string(id));
        file(topology + "package_cpus", package_mask);
        return file(topology + "physical_package_id", std::to_string(package));
    }

    Snapshot& cache(int id, int index, int level, const std::string& type, const std::string& mask,
                    const std::string& size = "32K") {
        const std::string path = cpu_path(id) + "cache/index" + std::to_string(index) + "/";
        file(path + "level", std::to_string(level));
        file(path + "type", type);
        file(path + "size", size);
        return file(path + "shared_cpu_map", mask);
    }

    Snapshot& sys_cpu(const std::string& name, const std::string& text) {
        return file("sys/devices/system/cpu/" + name, text);
    }

    torque::Host host() const {
        torque::Host host;
        host.root = torque::memory_dir(tree_, tree_.get());
        host.name = "test";
        return host;
    }

    static std::string cpu_path(int id) { return "sys/devices/system/cpu/cpu" + std::to_string(id) + "/"; }

    static std::string pci_path(const std::string& address) {
        return "sys/devices/pci" + address.substr(0, address.find(':', 5)) + "/" + address + "/";
    }

  private:
    std::shared_ptr<torque::MemoryNode> tree_ = std::make_shared<torque::MemoryNode>();
};

inline torque::Machine build(const Snapshot& snapshot) {
    const auto machine = torque::build_machine(snapshot.host());
    REQUIRE(machine.has_value());
    return *machine;
}

// Two cores of one thread in one package.
inline Snapshot two_cpus() {
    Snapshot snapshot;
    snapshot.sys_cpu("online", "0-1").cpu(0, "1", "3").cpu(1, "2", "3");
    return snapshot;
}
