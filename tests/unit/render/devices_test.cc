#include "catch.h"
#include "machines.h"
#include "render/tree.h"

using torque::Device;
using torque::Machine;
using torque::render_tree;
using namespace torque::test;

namespace {

Device device(const std::string& kind, const std::string& address, const std::string& name) {
    Device out;
    out.kind = kind;
    out.address = address;
    out.name = name;
    return out;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a machine without devices has no section for them") {
    CHECK_FALSE(has(render_tree(bare_machine(2), {}), "Devices"));
}

TEST_CASE("like devices share a row, the network comes first") {
    Machine machine = bare_machine(2);
    for (const char* name : {"sda", "sdb", "sdc", "sdd", "sde"}) {
        machine.devices.push_back(device("block", "0000:01:00.0", name));
    }
    Device nic = device("network", "0000:65:00.0", "eth0");
    nic.node = torque::NodeId{1};
    nic.queues = 8;
    nic.speed_mbps = 25'000;
    nic.driver = "ice";
    nic.vendor = "Intel Corporation";
    nic.model = "E810";
    machine.devices.push_back(nic);
    nic.name = "eth1";
    machine.devices.push_back(nic);
    nic.name = "eth2";
    nic.state = "down";
    machine.devices.push_back(nic);
    torque::TreeStyle style;
    style.width = 120;
    const std::string text = render_tree(machine, style);
    CHECK(has(text, "eth0 eth1"));
    CHECK(has(text, "25 Gb/s"));
    CHECK(has(text, "Intel Corporation E810"));
    CHECK(has(text, "down"));
    CHECK(has(text, "sde (5)"));
    CHECK_FALSE(has(text, "sdc"));
    CHECK(text.find("eth0") < text.find("sda"));
}

TEST_CASE("of a link's duplex only the half one is told") {
    Machine machine = bare_machine(2);
    machine.devices.push_back(device("network", "0000:65:00.0", "eth0"));
    machine.devices[0].speed_mbps = 100;
    machine.devices[0].duplex = "full";
    CHECK_FALSE(has(render_tree(machine, {}), "duplex"));
    machine.devices[0].duplex = "half";
    CHECK(has(render_tree(machine, {}), "100 Mb/s, half duplex"));
}

TEST_CASE("a second opinion that is the same takes one line, one that is not has its findings alone") {
    Machine machine = bare_machine(2);
    machine.provenance.push_back({"as hwloc sees it", "hwloc, API 2.8: the same CPUs"});
    CHECK(has(render_tree(machine, {}), "agreed   hwloc, API 2.8: the same CPUs"));
    machine.findings.push_back({"hwloc-differs", torque::Severity::warning, "2 cores here", "see", {}});
    CHECK_FALSE(has(render_tree(machine, {}), "agreed"));
    CHECK(has(render_tree(machine, {}), "2 cores here"));
}

TEST_CASE("names of devices cannot write to the terminal") {
    Machine machine = bare_machine(2);
    machine.devices.push_back(device("network", "", "eth\x1b[2J"));
    CHECK_FALSE(has(render_tree(machine, {}), "\x1b[2J"));
}
