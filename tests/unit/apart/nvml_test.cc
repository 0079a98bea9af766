#include "apart/from_nvml.h"
#include "catch.h"

using torque::ask_nvml;
using torque::CpuSet;
using torque::Device;
using torque::Machine;
using torque::NodeId;

namespace {

Device gpu(const char* address, const char* driver) {
    Device device;
    device.address = address;
    device.kind = "gpu";
    device.driver = driver;
    return device;
}

Machine machine_with(std::vector<Device> devices) {
    Machine machine;
    machine.host.online = CpuSet{0, 1, 2, 68};
    machine.nodes.resize(2);
    machine.nodes[1].id = NodeId{1};
    machine.devices = std::move(devices);
    return machine;
}

}  // namespace

// Run with tests/fakes/nvml.cc as libnvidia-ml.so.1 in LD_LIBRARY_PATH (ctest: unit/nvml).
TEST_CASE("NVML completes what the kernel tells of a GPU", "[.][nvml]") {
    Machine machine = machine_with({gpu("0000:01:00.0", "nvidia"), gpu("0000:41:00.0", "nvidia"),
                                    gpu("0000:61:00.0", "nvidia"), gpu("0000:81:00.0", "vfio-pci")});
    machine.devices[1].model = "by the kernel";
    machine.devices[1].cpus = CpuSet{2};
    const Device unknown = machine.devices[2], foreign = machine.devices[3];
    ask_nvml(machine);
    CHECK(machine.devices[0].model == "NVIDIA Made-Up 1");
    CHECK(machine.devices[0].memory_bytes == std::uint64_t{80} << 30);
    CHECK(machine.devices[0].cpus == CpuSet{0, 1, 68});
    CHECK(machine.devices[0].node == NodeId{1});
    CHECK(machine.devices[1].model == "NVIDIA Made-Up 2");
    CHECK_FALSE(machine.devices[1].memory_bytes.has_value());
    CHECK(machine.devices[1].cpus == CpuSet{2});
    CHECK(machine.devices[2] == unknown);
    CHECK(machine.devices[3] == foreign);
    REQUIRE(machine.provenance.size() == 1);
    CHECK(machine.provenance[0].source == "NVML: libnvidia-ml.so.1");
}

TEST_CASE("what the kernel says of a GPU's place stands against NVML", "[.][nvml]") {
    Machine machine = machine_with({gpu("0000:01:00.0", "nvidia")});
    machine.devices[0].node = NodeId{0};
    machine.devices[0].cpus = CpuSet{2};
    ask_nvml(machine);
    CHECK(machine.devices[0].memory_bytes.has_value());
    CHECK(machine.devices[0].node == NodeId{0});
    CHECK(machine.devices[0].cpus == CpuSet{2});
}

TEST_CASE("a node that the machine does not have is not taken from NVML", "[.][nvml]") {
    Machine machine = machine_with({gpu("0000:01:00.0", "nvidia")});
    machine.nodes.resize(1);
    ask_nvml(machine);
    CHECK_FALSE(machine.devices[0].node.has_value());
}

TEST_CASE("without NVIDIA's library, or with another of its name, GPUs are as before") {
    const Machine before = machine_with({gpu("0000:01:00.0", "nvidia")});
    for (const char* library : {"libnvidia-ml.so.no-such-version", "libc.so.6", "/dev/null"}) {
        Machine machine = before;
        ask_nvml(machine, library);
        CHECK(machine == before);
    }
}
