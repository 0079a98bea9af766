#include "machine/findings_hwloc.h"

#include <functional>

#include "catch.h"

using namespace torque;

namespace {

// Two packages of two cores of two CPUs, with an L2 a core and a node a package.
Machine machine() {
    Machine machine;
    machine.host.source = "a test";
    for (int id = 0; id < 8; ++id) {
        Cpu cpu;
        cpu.id = CpuId{id};
        machine.cpus.push_back(cpu);
    }
    for (int core = 0; core < 4; ++core) {
        const CpuSet cpus = CpuSet::range(2 * core, 2 * core + 1);
        machine.cores.push_back({CoreId{core}, core, {}, {}, {}, cpus});
        Cache cache;
        cache.level = 2;
        cache.size_bytes = 1 << 20;
        cache.cpus = cpus;
        machine.caches.push_back(cache);
    }
    for (int package = 0; package < 2; ++package) {
        const CpuSet cpus = CpuSet::range(4 * package, 4 * package + 3);
        machine.packages.push_back({PackageId{package}, cpus});
        Node node;
        node.id = NodeId{package};
        node.cpus = cpus;
        node.memory_bytes = std::uint64_t{4} << 30;
        machine.nodes.push_back(node);
    }
    return machine;
}

Machine as_hwloc_sees_it() {
    Machine hwloc = machine();
    hwloc.provenance = {{"everything", "hwloc, API 2.8: a test"}};
    return hwloc;
}

std::vector<Finding> compared(const std::function<void(Machine& hwloc)>& change) {
    Machine ours = machine(), hwloc = as_hwloc_sees_it();
    change(hwloc);
    find_hwloc_differences(hwloc, ours);
    REQUIRE(ours.provenance.size() == 1);
    const bool said_same = ours.provenance[0].source.find("the same") != std::string::npos;
    CHECK(said_same == ours.findings.empty());
    return ours.findings;
}

// The one finding that the change makes.
std::string message_of(const std::function<void(Machine& hwloc)>& change) {
    const auto findings = compared(change);
    REQUIRE(findings.size() == 1);
    CHECK(findings[0].id == "hwloc-differs");
    CHECK_FALSE(findings[0].hint.empty());
    CHECK(findings[0].sources == std::vector<std::string>{"a test", "hwloc, API 2.8"});
    return findings[0].message;
}

}  // namespace

TEST_CASE("hwloc that sees the same raises nothing, and is named as a source") {
    CHECK(compared([](Machine&) {}).empty());
}

TEST_CASE("each kind of thing that hwloc sees otherwise is one finding, with both sides' word") {
    CHECK(message_of([](Machine& hwloc) {
              hwloc.packages = {{PackageId{0}, CpuSet::range(0, 7)}};
          }) == "2 packages here, 1 by hwloc: the first unlike has CPUs 0-3 here, CPUs 0-7 by hwloc");
    CHECK(message_of([](Machine& hwloc) {
              hwloc.cores[0].cpus = {0, 2};
              hwloc.cores[1].cpus = {1, 3};
          }) == "4 cores here, 4 by hwloc: the first unlike has CPUs 0-1 here, CPUs 0,2 by hwloc");
    CHECK(message_of([](Machine& hwloc) { hwloc.cores.pop_back(); }) ==
          "4 cores here, 3 by hwloc: the first unlike has CPUs 6-7 here, nothing more by hwloc");
    CHECK(message_of([](Machine& hwloc) { hwloc.caches[1].size_bytes = 2 << 20; }) ==
          "an L2 cache of CPUs 2-3 has 1 MiB here, 2 MiB by hwloc");
    CHECK(message_of([](Machine& hwloc) { hwloc.caches[0].cpus = CpuSet{0}; }).find("L2 cache") !=
          std::string::npos);
    CHECK(message_of([](Machine& hwloc) { hwloc.nodes.pop_back(); }) ==
          "2 nodes here, 1 by hwloc: node 1 has CPUs 4-7 and 4 GiB here, is not there by hwloc");
    CHECK(message_of([](Machine& hwloc) {
              hwloc.nodes[0].memory_bytes = std::uint64_t{2} << 30;
          }).find("node 0 has CPUs 0-3 and 4 GiB here, has CPUs 0-3 and 2 GiB by hwloc") !=
          std::string::npos);
}

TEST_CASE("CPUs that one side lacks are told once, not again by the things that they are in") {
    CHECK(message_of([](Machine& hwloc) {
              hwloc.cpus[7].online = false;
              for (auto* cpus : {&hwloc.cores[3].cpus, &hwloc.packages[1].cpus, &hwloc.caches[3].cpus,
                                 &hwloc.nodes[1].cpus})
                  cpus->remove(7);
          }) == "8 CPUs here, 7 by hwloc: only here CPU 7, only by hwloc none");
}

TEST_CASE("what hwloc does not tell is no contradiction, what we do not tell is one") {
    CHECK(compared([](Machine& hwloc) {
              hwloc.caches.clear();
              hwloc.cores.clear();
              hwloc.nodes[0].cpus = CpuSet::range(0, 3);
          }).empty());
    CHECK(message_of([](Machine& hwloc) {
              Cache l3;
              l3.level = 3;
              l3.cpus = CpuSet::range(0, 7);
              hwloc.caches.push_back(l3);
          }) == "0 L3 caches here, 1 by hwloc: the first unlike has nothing more here, CPUs 0-7 by hwloc");
}

TEST_CASE("a node without CPUs is near to some by hwloc, which is no difference") {
    Machine ours = machine(), hwloc = as_hwloc_sees_it();
    Node far;
    far.id = NodeId{2};
    far.memory_bytes = 1 << 30;
    ours.nodes.push_back(far);
    far.cpus = CpuSet::range(0, 7);
    hwloc.nodes.push_back(far);
    find_hwloc_differences(hwloc, ours);
    CHECK(ours.findings.empty());
}
