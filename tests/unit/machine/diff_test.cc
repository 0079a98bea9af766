#include "torque/diff.h"

#include "catch.h"

using namespace torque;

namespace {

// `cores` cores of `threads` CPUs each, numbered as Linux does: siblings are `cores` apart.
Machine machine_of(int cores, int threads, std::uint64_t l1_bytes = 32768) {
    Machine machine;
    for (int id = 0; id < cores * threads; ++id) {
        Cpu cpu;
        cpu.id = CpuId{id};
        cpu.core = CoreId{id % cores};
        cpu.apic_id = static_cast<std::uint32_t>(id * 2);
        machine.cpus.push_back(cpu);
        machine.host.online.add(id);
    }
    for (int core = 0; core < cores; ++core) {
        Core entry;
        entry.id = CoreId{core};
        for (int thread = 0; thread < threads; ++thread) entry.cpus.add(core + thread * cores);
        machine.caches.push_back({1, CacheType::data, l1_bytes, 64, 8, 64, 1, {}, entry.cpus});
        machine.cores.push_back(entry);
    }
    machine.nodes.push_back(
        {NodeId{0}, machine.host.online, std::uint64_t{16} << 30, {{1 << 21, 4, 4}}, {}, {}});
    return machine;
}

const Difference* find(const std::vector<Difference>& all, const std::string& section,
                       const std::string& what) {
    for (const Difference& one : all) {
        if (one.section == section && one.what == what) return &one;
    }
    return nullptr;
}

}  // namespace

TEST_CASE("a machine is like itself, whatever it was read from") {
    Machine a = machine_of(4, 2), b = a;
    b.host.source = "elsewhere";
    b.nodes[0].hugepages[0].free = 0;
    b.provenance.push_back({"x", "y"});
    b.findings.push_back({"x", Severity::info, "", "", {}});
    CHECK(diff(a, b).empty());
}

TEST_CASE("each fact that differs is told once, with both values") {
    Machine a = machine_of(4, 2), b = a;
    b.host.kernel = "6.12.0";
    b.nodes[0].memory_bytes = std::uint64_t{8} << 30;
    for (int cpu : {2, 3, 6}) b.cpus[static_cast<std::size_t>(cpu)].isolated = true;
    const auto all = diff(a, b);
    CHECK(all.size() == 3);
    REQUIRE(find(all, "host", "kernel"));
    CHECK_FALSE(find(all, "host", "kernel")->a);
    CHECK(find(all, "host", "kernel")->b == "6.12.0");
    REQUIRE(find(all, "nodes", "node 0: memory"));
    CHECK(find(all, "nodes", "node 0: memory")->a == "16 GiB");
    REQUIRE(find(all, "cpus", "CPUs 2-3,6: isolated"));
    CHECK(find(all, "cpus", "CPUs 2-3,6: isolated")->a == "no");
}

TEST_CASE("machines of unlike shapes are compared, and folded") {
    const Machine a = machine_of(64, 2), b = machine_of(32, 1, 49152);
    const auto all = diff(a, b);
    CHECK(all.size() < 12);
    REQUIRE(find(all, "cores", "cores"));
    CHECK(find(all, "cores", "cores")->a == "64");
    REQUIRE(find(all, "cpus", "CPUs only here"));
    CHECK(find(all, "cpus", "CPUs only here")->a == "32-127");
    CHECK(find(all, "cpus", "CPUs only here")->b == "none");
    REQUIRE(find(all, "cpus", "CPUs 0-31: siblings"));
    const Difference* l1 = find(all, "caches", "L1 data");
    REQUIRE(l1);
    CHECK(l1->a == "64 of 32 KiB, 64-byte lines, 8 ways, 64 sets, 1 partitions, 2 CPUs each");
    CHECK(l1->b == "32 of 48 KiB, 64-byte lines, 8 ways, 64 sets, 1 partitions, 1 CPU each");
}

TEST_CASE("caches that are alike and shared by other CPUs are told with those") {
    Machine a = machine_of(2, 2), b = a;
    b.caches[0].cpus = CpuSet{0, 1};
    b.caches[1].cpus = CpuSet{2, 3};
    const auto all = diff(a, b);
    REQUIRE(all.size() == 1);
    CHECK(all[0].what == "L1 data");
    CHECK(all[0].a != all[0].b);
}

TEST_CASE("memory attributes, memory-side caches and the state of a link are compared") {
    Machine a = machine_of(1, 1);
    a.nodes[0].memory_side_caches.push_back({1, std::uint64_t{1} << 30, 64, true, true});
    a.memory_attributes.push_back({NodeId{0}, 0, {NodeId{0}}, 100, 50, 80, 90});
    Device nic;
    nic.address = "0000:01:00.0";
    nic.kind = "network";
    nic.driver = "ice";
    nic.state = "up";
    nic.speed_mbps = 25000;
    nic.duplex = "full";
    nic.tx_queues = 2;
    nic.rps_queues = {CpuSet{}, CpuSet{}};
    nic.xps_queues = {CpuSet{0}, CpuSet{1}};
    a.devices.push_back(nic);
    Machine b = a;
    CHECK(diff(a, b).empty());
    b.nodes[0].memory_side_caches[0].write_back = false;
    b.memory_attributes[0].read_latency_ns.reset();
    b.memory_attributes.push_back({NodeId{0}, 1, {}, 7, {}, {}, {}});
    b.devices[0].driver.reset();
    b.devices[0].state = "down";
    b.devices[0].speed_mbps = 10000;
    b.devices[0].duplex = "half";
    b.devices[0].tx_queues = 1;
    b.devices[0].rps_queues[1] = CpuSet{3};
    b.devices[0].xps_queues.pop_back();
    const auto all = diff(a, b);
    CHECK(all.size() == 11);
    REQUIRE(find(all, "nodes", "node 0: memory-side caches"));
    CHECK(find(all, "nodes", "node 0: memory-side caches")->b ==
          "L1 of 1 GiB, 64-byte lines, direct mapped, write through");
    REQUIRE(find(all, "nodes", "node 0, class 0: read latency"));
    CHECK(find(all, "nodes", "node 0, class 0: read latency")->a == "80 ns");
    CHECK_FALSE(find(all, "nodes", "node 0, class 0: read latency")->b);
    REQUIRE(find(all, "nodes", "node 0, class 1: read bandwidth"));
    CHECK(find(all, "nodes", "node 0, class 1: initiators")->b == "none");
    for (const char* what : {"driver", "state", "speed", "duplex", "transmit queues", "RPS of the queues",
                             "XPS of the queues"}) {
        INFO(what);
        CHECK(find(all, "devices", std::string("0000:01:00.0: ") + what));
    }
    CHECK(find(all, "devices", "0000:01:00.0: RPS of the queues")->b == "none | 3");
}

TEST_CASE("what only one machine has is told so") {
    Machine a = machine_of(1, 1), b = a;
    Device device;
    device.address = "0000:01:00.0";
    device.kind = "network";
    b.devices.push_back(device);
    b.nodes.push_back({NodeId{1}, {}, 0, {}, {}, {}});
    Tlb tlb;
    tlb.level = 1;
    tlb.page_sizes = {"4K", "2M"};
    tlb.cpus = CpuSet{0};
    a.tlbs.push_back(tlb);
    const auto all = diff(a, b);
    CHECK(all.size() == 3);
    REQUIRE(find(all, "devices", "0000:01:00.0"));
    CHECK_FALSE(find(all, "devices", "0000:01:00.0")->a);
    REQUIRE(find(all, "nodes", "node 1"));
    REQUIRE(find(all, "tlbs", "L1 unified TLB for 4K/2M"));
    CHECK_FALSE(find(all, "tlbs", "L1 unified TLB for 4K/2M")->b);
}
