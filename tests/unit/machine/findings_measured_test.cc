// Claims held against measurements: what differs is said, what agrees is not.
#include "machine/findings_measured.h"

#include <string>

#include "catch.h"

using namespace torque;

namespace {

// Eight CPUs; cores of two; two caches of four.
Machine claimed(int threads = 2) {
    Machine machine;
    for (int cpu = 0; cpu < 8; ++cpu) {
        Cpu row;
        row.id = CpuId{cpu};
        machine.cpus.push_back(row);
    }
    for (int first = 0; first < 8; first += threads) {
        Core core;
        core.id = CoreId{first / threads};
        core.cpus = CpuSet::range(first, first + threads - 1);
        machine.cores.push_back(core);
    }
    for (int first : {0, 4}) {
        Cache cache;
        cache.level = 3;
        cache.cpus = CpuSet::range(first, first + 3);
        machine.caches.push_back(cache);
    }
    return machine;
}

Measured measured_smt(std::vector<MeasuredPair> pairs, bool is_reliable = true) {
    Measured measured;
    measured.smt = MeasuredSmt{{"smt.json", CpuSet::range(0, 7), is_reliable}, std::move(pairs)};
    return measured;
}

Measured measured_groups(std::vector<CpuSet> groups, bool is_only_first = false) {
    Measured measured;
    measured.cores = MeasuredCores{
        {"cores.json", CpuSet::range(0, 7)}, {{"llc", 20, 90, is_only_first, std::move(groups)}}, {}};
    return measured;
}

constexpr double KiB = 1024, MiB = 1024 * KiB;

// CPUs 0-3 have caches of 32 KiB and 32 MiB and a TLB of 1024 pages of 4 KiB; CPUs 4-7 half of that.
Machine sized() {
    Machine machine = claimed();
    machine.caches.clear();
    for (const int first : {0, 4}) {
        const auto add = [&](int level, CacheType type, double bytes) {
            Cache cache;
            cache.level = level;
            cache.type = type;
            cache.size_bytes = static_cast<std::uint64_t>(bytes) / (first == 0 ? 1 : 2);
            cache.cpus = CpuSet::range(first, first + 3);
            machine.caches.push_back(cache);
        };
        add(1, CacheType::data, 32 * KiB);
        add(1, CacheType::instruction, 48 * KiB);
        add(3, CacheType::unified, 32 * MiB);
        Tlb tlb;
        tlb.level = 2;
        tlb.page_sizes = {"4K"};
        tlb.entries = first == 0 ? 1024 : 512;
        tlb.cpus = CpuSet::range(first, first + 3);
        machine.tlbs.push_back(tlb);
    }
    return machine;
}

Measured measured_caches(std::vector<MeasuredCachesOfCpu> rows) {
    Measured measured;
    measured.cache = MeasuredCaches{{"cache.json", CpuSet::range(0, 7)}, std::move(rows)};
    return measured;
}

// Two nodes of four CPUs and one of memory alone, which is said to be the farthest; by HMAT it is not.
Machine of_nodes() {
    Machine machine = claimed();
    for (const int id : {0, 1, 2}) {
        Node node;
        node.id = NodeId{id};
        if (id < 2) node.cpus = CpuSet::range(4 * id, 4 * id + 3);
        machine.nodes.push_back(node);
    }
    machine.distances =
        Distances{{NodeId{0}, NodeId{1}, NodeId{2}}, {{10, 20, 30}, {20, 10, 30}, {30, 30, 10}}};
    return machine;
}

MeasuredCell cell(int from, int to, double ns, double spread_ns = 2, std::uint64_t pages_elsewhere = 0) {
    return {NodeId{from}, NodeId{to}, ns, spread_ns, 1000, pages_elsewhere};
}

Measured measured_memory(std::vector<MeasuredCell> cells) {
    Measured measured;
    measured.memory = MeasuredMemory{{"memory.json", CpuSet::range(0, 7)}, std::move(cells)};
    return measured;
}

// "id: message", or "" where there is none.
std::string found(const Measured& measured, Machine machine = claimed()) {
    find_measured_differences(measured, machine);
    if (machine.findings.empty()) return "";
    REQUIRE(machine.findings.size() == 1);
    CHECK(machine.findings[0].severity == Severity::warning);
    CHECK_FALSE(machine.findings[0].hint.empty());
    CHECK(machine.findings[0].sources[0].ends_with(".json"));
    return machine.findings[0].id + ": " + machine.findings[0].message;
}

}  // namespace

TEST_CASE("threads that the machine hides") {
    const std::string said =
        found(measured_smt({{0, 1, true, false, true}, {2, 3, true, false, true}}), claimed(1));
    CHECK(said.starts_with("measured-smt-hidden: "));
    CHECK(said.ends_with("as threads of one core do, and are said to be cores of their own: 0-1 2-3"));
    CHECK(found(measured_smt({{0, 2, true, false, false}})).find("are likely to") != std::string::npos);
}

TEST_CASE("threads that are none") {
    CHECK(found(measured_smt({{0, 1, false, true, true}})).starts_with("measured-smt-apart: "));
    CHECK(found(measured_smt({{0, 1, false, true, false}})) == "");  // not sure enough to say
}

TEST_CASE("what is as claimed, or cannot be told, is no finding") {
    CHECK(found({}) == "");
    CHECK(found(measured_smt(
              {{0, 1, true, false, true}, {0, 2, false, true, true}, {0, 3, false, false, false}})) == "");
    CHECK(found(measured_groups({CpuSet::range(0, 3), CpuSet::range(4, 7)})) == "");
    CHECK(found(measured_groups({{0, 1}, {2, 3}, {4, 5}, {6, 7}})) == "");  // the cores
    CHECK(found(measured_groups({{0, 2}, {1, 3}, {4, 5, 6, 7}}, true)) == "");
}

TEST_CASE("groups that nothing has") {
    const std::string said = found(measured_groups({{0, 2, 4, 6}, {1, 3, 5, 7}}));
    CHECK(
        said.starts_with("measured-groups-differ: by latencies of 20 ns among each other and 90 ns beyond"));
    CHECK(said.ends_with("0,2,4,6 1,3,5,7"));
    CHECK(found(measured_groups({{0}, {1}, {2}, {3}, {4}, {5, 6, 7}})).ends_with("0 1 2 3 and 2 more"));
}

TEST_CASE("a result that says that it is not reliable is left out") {
    Measured measured = measured_smt({{0, 2, true, false, true}}, false);
    CHECK(found(measured).starts_with("measured-unreliable: "));
    measured.cache = measured_caches({{0, 4096, {{8 * MiB}}, {}}}).cache;
    measured.cache->is_reliable = false;
    measured.memory = measured_memory({cell(0, 0, 90), cell(0, 1, 80, 2, 7)}).memory;
    measured.memory->is_reliable = false;
    CHECK(found(measured, sized()).ends_with("smt, cache, memory"));
}

TEST_CASE("caches and TLBs of other sizes than the machine claims") {
    const std::string said = found(
        measured_caches({{0, 4096, {{34 * KiB}, {8 * MiB}}, {{1100}}}, {4, 4096, {{16 * KiB}}, {{1024}}}}),
        sized());
    CHECK(said ==
          "measured-cache-differs: by the latency of loads, caches or TLBs hold other than is claimed: "
          "L3 8 MiB and not 32 MiB (CPU 0), L2 TLB 1024 and not 512 pages of 4 KiB (CPU 4)");
    CHECK(found(measured_caches(
                    {{0, 4096, {{34 * KiB}, {8 * MiB}}, {}}, {3, 4096, {{33 * KiB}, {9 * MiB}}, {}}}),
                sized())
              .ends_with("claimed: L3 8 MiB to 9 MiB and not 32 MiB (CPUs 0,3)"));
    CHECK(found(measured_caches({{0, 4096, {{90 * KiB}, {32 * MiB}}, {}}}), sized())
              .ends_with("claimed: L1d 90 KiB and not 32 KiB (CPU 0)"));
}

TEST_CASE("sizes within a third, not seen, not reached or not of these pages are no finding") {
    CHECK(found(measured_caches({{0, 4096, {{25 * KiB}, {42 * MiB}}, {{769}}}}), sized()) == "");
    CHECK(found(measured_caches({{0, 4096, {}, {}}, {4, 4096, {{16 * KiB}}, {}}}), sized()) == "");
    CHECK(found(measured_caches({{0, 65536, {}, {{200}}}}), sized()) == "");
    CHECK(found(measured_caches({{0, 4096, {{8 * MiB}}, {}}})) == "");  // the machine claims no sizes
    // It still rises where the curve ends: the knee may lie higher.
    CHECK(found(measured_caches({{0, 4096, {{32 * KiB}, {8 * MiB, true}}, {}}}), sized()) == "");
    CHECK(found(measured_caches({{0, 4096, {}, {{2000, true}}}}), sized()) != "");
}

TEST_CASE("a guest's hint tells of its neighbours") {
    for (const bool is_guest : {false, true}) {
        Machine machine = sized();
        if (is_guest) machine.host.hypervisor = "KVM";
        find_measured_differences(measured_caches({{0, 4096, {{34 * KiB}, {8 * MiB}}, {}}}), machine);
        REQUIRE(machine.findings.size() == 1);
        CHECK((machine.findings[0].hint.find("other guests") != std::string::npos) == is_guest);
    }
}

TEST_CASE("memory that lay on another node") {
    const std::string said =
        found(measured_memory({cell(0, 0, 90), cell(0, 1, 120, 2, 7), cell(1, 1, 90, 2, 5)}));
    CHECK(said ==
          "measured-memory-elsewhere: memory that was asked of a node lay on another one: "
          "7 of 1000 pages of node 1");
    CHECK(found(measured_memory({cell(0, 0, 90), cell(0, 1, 120)})) == "");
}

TEST_CASE("distances in another order than latencies") {
    const std::string said = found(
        measured_memory({cell(0, 0, 90), cell(0, 1, 180), cell(0, 2, 130), cell(1, 1, 90)}), of_nodes());
    CHECK(said ==
          "measured-distance-differs: the firmware's distances have memory nodes in another order than "
          "their latencies: from node 0, node 1 takes 180 ns at distance 20 and node 2 130 ns at 30");
    Machine told = of_nodes();
    told.distances.reset();
    for (const int to : {1, 2}) {
        MemoryAttributes row;
        row.node = NodeId{to};
        row.initiators = {NodeId{0}};
        row.read_latency_ns = to == 1 ? 100 : 150;
        told.memory_attributes.push_back(row);
    }
    CHECK(found(measured_memory({cell(0, 1, 180), cell(0, 2, 130)}), told)
              .ends_with("node 1 takes 180 ns at HMAT latency 100 and node 2 130 ns at 150"));
}

TEST_CASE("distances in the order of the latencies, or nearly so, are no finding") {
    const Machine machine = of_nodes();
    CHECK(found(measured_memory({cell(0, 0, 90), cell(0, 1, 130), cell(0, 2, 180)}), machine) == "");
    CHECK(found(measured_memory({cell(0, 1, 180, 60), cell(0, 2, 130)}), machine) == "");  // the spread
    CHECK(found(measured_memory({cell(0, 1, 134, 0), cell(0, 2, 130, 0)}), machine) == "");
    // Of two CPU nodes, and of nodes or distances that the machine does not have.
    CHECK(found(measured_memory({cell(0, 1, 180), cell(1, 2, 130)}), machine) == "");
    CHECK(found(measured_memory({cell(0, 1, 180), cell(0, 7, 130)}), machine) == "");
    CHECK(found(measured_memory({cell(0, 1, 180), cell(0, 2, 130)})) == "");
    // Pages that lay elsewhere tell of another node.
    CHECK(found(measured_memory({cell(0, 1, 180, 2, 9), cell(0, 2, 130)}), machine)
              .starts_with("measured-memory-elsewhere"));
    MeasuredCell unknown{std::nullopt, std::nullopt, 90.0};
    CHECK(found(measured_memory({unknown}), machine) == "");
}
