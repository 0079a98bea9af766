#include "machine/surroundings.h"

#include "catch.h"
#include "machine/build.h"
#include "unit/machine/snapshot.h"

using torque::Machine;
using torque::MemoryKind;
using torque::NodeId;

namespace {

const std::string kNode = "sys/devices/system/node/node";

// Node 0 has the CPUs; nodes 1 to 3 have memory only.
Snapshot four_nodes() {
    Snapshot snapshot = two_cpus();
    for (const char* node : {"0", "1", "2", "3"}) {
        snapshot.file(kNode + node + "/cpumap", *node == '0' ? "3" : "0");
        snapshot.file(kNode + node + "/meminfo", std::string("Node ") + node + " MemTotal:  1024 kB");
    }
    return snapshot;
}

void hmat(Snapshot& snapshot, int node, const std::string& read_bandwidth, int initiator = 0) {
    const std::string path = kNode + std::to_string(node) + "/access0/initiators/";
    snapshot.link(path + "node" + std::to_string(initiator), "../../../node" + std::to_string(initiator));
    snapshot.file(path + "read_bandwidth", read_bandwidth).file(path + "read_latency", "80");
    snapshot.file(path + "write_latency", "0");
}

std::optional<std::string> hypervisor(Snapshot snapshot, const std::string& path, const std::string& text) {
    return build(snapshot.file(path, text)).host.hypervisor;
}

}  // namespace

TEST_CASE("HMAT figures are converted, and zero is unknown") {
    Snapshot snapshot = four_nodes();
    hmat(snapshot, 0, "100000");
    const Machine machine = build(snapshot);
    REQUIRE(machine.memory_attributes.size() == 1);
    const auto& attributes = machine.memory_attributes[0];
    CHECK(attributes.node == NodeId{0});
    CHECK(attributes.access_class == 0);
    CHECK(attributes.initiators == std::vector<NodeId>{NodeId{0}});
    CHECK(attributes.read_bytes_per_s == std::uint64_t{100'000} << 20);
    CHECK_FALSE(attributes.write_bytes_per_s.has_value());
    CHECK(attributes.read_latency_ns == 80u);
    CHECK_FALSE(attributes.write_latency_ns.has_value());
}

TEST_CASE("an access class without a figure is left out") {
    Snapshot snapshot = four_nodes();
    snapshot.link(kNode + "0/access0/initiators/node0", "../../../node0");
    CHECK(build(snapshot).memory_attributes.empty());
}

TEST_CASE("memory-side caches") {
    Snapshot snapshot = four_nodes();
    const std::string cache = kNode + "1/memory_side_cache/index1/";
    snapshot.file(cache + "size", "17179869184").file(cache + "line_size", "64");
    snapshot.file(cache + "indexing", "0").file(cache + "write_policy", "2");
    const Machine machine = build(snapshot);
    CHECK(machine.nodes[0].memory_side_caches.empty());
    REQUIRE(machine.nodes[1].memory_side_caches.size() == 1);
    const auto& found = machine.nodes[1].memory_side_caches[0];
    CHECK(found.level == 1);
    CHECK(found.size_bytes == std::uint64_t{16} << 30);
    CHECK(found.line_bytes == 64u);
    CHECK(found.direct_mapped == true);
    CHECK_FALSE(found.write_back.has_value());  // "other"
}

TEST_CASE("memory kinds: what nothing tells stays unknown") {
    for (const auto& node : build(four_nodes()).nodes) CHECK_FALSE(node.memory_kind.has_value());
}

TEST_CASE("memory kinds: tiers, DAX devices and the NVIDIA driver") {
    Snapshot snapshot = four_nodes();
    const std::string tiers = "sys/devices/virtual/memory_tiering/memory_tier";
    snapshot.file(tiers + "2/nodelist", "1")
        .file(tiers + "4/nodelist", "0")
        .file(tiers + "22/nodelist", "2-3");
    const std::string dax = "sys/devices/platform/ACPI0017:00/root0/decoder0.0/region0/dax_region0/dax0.0";
    snapshot.link("sys/bus/dax/devices/dax0.0", "../../../" + dax.substr(4)).file(dax + "/target_node", "2");
    snapshot.file("proc/driver/nvidia/gpus/0004:04:00.0/numa_status", "Node:      3\nStatus:    online");
    const Machine machine = build(snapshot);
    CHECK(machine.nodes[0].memory_kind == MemoryKind::dram);
    CHECK(machine.nodes[1].memory_kind == MemoryKind::hbm);
    CHECK(machine.nodes[2].memory_kind == MemoryKind::cxl);
    CHECK(machine.nodes[3].memory_kind == MemoryKind::gpu);
}

TEST_CASE("memory kinds: persistent memory is none of them, offline GPU memory is not yet") {
    Snapshot snapshot = four_nodes();
    const std::string dax = "sys/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI0012:00/ndbus0/region0/dax0.1/dax0.0";
    snapshot.link("sys/bus/dax/devices/dax0.0", "../../../" + dax.substr(4)).file(dax + "/target_node", "2");
    snapshot.file("proc/driver/nvidia/gpus/0004:04:00.0/numa_status", "Node:      3\nStatus:    offline");
    const Machine machine = build(snapshot);
    CHECK_FALSE(machine.nodes[2].memory_kind.has_value());
    CHECK_FALSE(machine.nodes[3].memory_kind.has_value());
}

TEST_CASE("memory kinds: twice the bandwidth of the CPUs' own node is HBM") {
    Snapshot snapshot = four_nodes();
    hmat(snapshot, 0, "100000");
    hmat(snapshot, 1, "400000");
    hmat(snapshot, 2, "30000");
    const Machine machine = build(snapshot);
    CHECK_FALSE(machine.nodes[0].memory_kind.has_value());
    CHECK(machine.nodes[1].memory_kind == MemoryKind::hbm);
    CHECK_FALSE(machine.nodes[2].memory_kind.has_value());
}

TEST_CASE("hypervisors by firmware, where CPUID is silent") {
    const std::string dmi = "sys/class/dmi/id/";
    CHECK(hypervisor(two_cpus(), "sys/hypervisor/type", "xen") == "Xen");
    CHECK(hypervisor(two_cpus(), dmi + "sys_vendor", "QEMU") == "KVM");
    CHECK(hypervisor(two_cpus(), dmi + "sys_vendor", "Dell Inc.") == std::nullopt);
    CHECK(hypervisor(two_cpus(), "proc/device-tree/hypervisor/compatible", "linux,kvm") == "KVM");
    CHECK(hypervisor(two_cpus(), "proc/sysinfo", "VM00 Control Program: z/VM    6.1.0") == "z/VM");
    CHECK(hypervisor(two_cpus(), "proc/sysinfo", "LPAR Number: 47") == std::nullopt);
    Snapshot microsoft = two_cpus();
    microsoft.file(dmi + "sys_vendor", "Microsoft Corporation");
    CHECK(hypervisor(microsoft, dmi + "product_name", "Surface Laptop") == std::nullopt);
    CHECK(hypervisor(microsoft, dmi + "product_name", "Virtual Machine") == "Hyper-V");
    Snapshot amazon = two_cpus();
    amazon.file(dmi + "sys_vendor", "Amazon EC2");
    CHECK(hypervisor(amazon, dmi + "product_name", "m5.metal") == std::nullopt);
    CHECK(hypervisor(amazon, dmi + "product_name", "m5.large") == "KVM");
}

TEST_CASE("the flag of /proc/cpuinfo tells of a hypervisor without its name") {
    const std::string cpu = "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu lm vmx";
    CHECK(hypervisor(two_cpus(), "proc/cpuinfo", cpu) == std::nullopt);
    CHECK(hypervisor(two_cpus(), "proc/cpuinfo", cpu + " hypervisor") == "unknown hypervisor");
    Snapshot known = two_cpus();
    known.file("sys/class/dmi/id/product_name", "VMware7,1");
    CHECK(hypervisor(known, "proc/cpuinfo", cpu + " hypervisor") == "VMware");
}

TEST_CASE("the architecture shows in the form of /proc/cpuinfo") {
    const auto arch = [](const std::string& path, const std::string& text) {
        return build(two_cpus().file(path, text)).host.arch;
    };
    const auto of_cpu = [&](const std::string& lines) {
        return arch("proc/cpuinfo", "processor : 0\n" + lines);
    };
    CHECK(of_cpu("flags : fpu lm vmx") == "x86_64");
    CHECK(of_cpu("flags : fpu vmx almost") == "i686");
    CHECK(of_cpu("fdiv_bug : no\nflags : fpu lm vmx") == "i686");
    CHECK(of_cpu("CPU architecture: 8") == "aarch64");
    CHECK(of_cpu("model name : ARMv7 Processor rev 4 (v7l)\nCPU architecture: 7") == "armv7l");
    CHECK(arch("proc/cpuinfo", "processor : 0\n\nprocessor : 1\n\nCPU architecture: 7") == "armv7l");
    CHECK(of_cpu("isa : rv64imafdc") == "riscv64");
    CHECK(of_cpu("cpu : POWER7") == std::nullopt);  // of either byte order
    CHECK(arch("proc/sys/kernel/arch", "s390x") == "s390x");
    CHECK(arch("proc/hwloc-nofile-info", "OSName: Linux\nArchitecture: ppc64le") == "ppc64le");
}

TEST_CASE("a frequency limit is a finding, rounding is not") {
    Snapshot snapshot = two_cpus();
    const std::string cpufreq = Snapshot::cpu_path(0) + "cpufreq/";
    snapshot.file(cpufreq + "cpuinfo_max_freq", "3500000").file(cpufreq + "scaling_max_freq", "3490000");
    CHECK(build(snapshot).findings.empty());
    snapshot.file(cpufreq + "scaling_max_freq", "2000000");
    const Machine machine = build(snapshot);
    REQUIRE(machine.findings.size() == 1);
    CHECK(machine.findings[0].id == "frequency-limited");
    CHECK(machine.findings[0].message ==
          "cpufreq keeps CPUs below what they can do: cpu0 at 2.0 GHz of 3.5 GHz, and their like");
}
