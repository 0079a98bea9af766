#include "machine/like_cpus.h"

#include "catch.h"
#include "unit/machine/snapshot.h"

using torque::CpuSet;
using torque::Machine;

namespace {

// Four CPUs, each a core of its own, with an L1d each and an L3 for each pair.
Snapshot two_pairs(const std::string& second_l3_size) {
    Snapshot snapshot;
    snapshot.sys_cpu("online", "0-3");
    const char* masks[] = {"1", "2", "4", "8"};
    for (int cpu = 0; cpu < 4; ++cpu) {
        snapshot.cpu(cpu, masks[cpu], "f").cache(cpu, 0, 1, "Data", masks[cpu]);
        snapshot.cache(cpu, 1, 3, "Unified", cpu < 2 ? "3" : "c", cpu < 2 ? "32768K" : second_l3_size);
    }
    return snapshot;
}

Snapshot& ways(Snapshot& snapshot, int cpu, int index, int value) {
    const std::string path = Snapshot::cpu_path(cpu) + "cache/index" + std::to_string(index) + "/";
    return snapshot.file(path + "ways_of_associativity", std::to_string(value));
}

}  // namespace

TEST_CASE("dies of one processor with last-level caches of two sizes keep their own geometry") {
    Snapshot snapshot = two_pairs("98304K");
    ways(snapshot, 0, 1, 16);
    ways(snapshot, 2, 1, 24);
    const Machine machine = build(snapshot);
    REQUIRE(machine.caches.size() == 6);
    CHECK(machine.caches[4].ways == 16);
    CHECK(machine.caches[5].ways == 24);
    CHECK(machine.caches[5].size_bytes == std::uint64_t{96} << 20);
    CHECK(machine.caches[5].cpus == CpuSet{2, 3});
}

TEST_CASE("CPUs of two kinds keep their own geometry where the sizes are equal") {
    Snapshot snapshot = two_pairs("32768K");
    for (int cpu = 0; cpu < 4; ++cpu) {
        snapshot.file(Snapshot::cpu_path(cpu) + "cpu_capacity", cpu < 2 ? "446" : "1024");
        ways(snapshot, cpu, 0, cpu < 2 ? 4 : 16);
    }
    const Machine machine = build(snapshot);
    REQUIRE(machine.caches.size() == 6);
    CHECK(machine.caches[0].ways == 4);
    CHECK(machine.caches[2].ways == 16);
}

namespace {

// Two cores of one kind, 0-1 and 2-3, of which the second one's files tell of a smaller L1d.
Snapshot two_cores(const std::string& second_l2_size, const char* second_l2_mask) {
    Snapshot snapshot;
    snapshot.sys_cpu("online", "0-3");
    for (int cpu = 0; cpu < 4; ++cpu) {
        const char* core = cpu < 2 ? "3" : "c";
        snapshot.cpu(cpu, core, "f").cache(cpu, 0, 1, "Data", core, cpu < 2 ? "48K" : "32K");
        snapshot.cache(cpu, 1, 2, "Unified", cpu < 2 ? "3" : second_l2_mask,
                       cpu < 2 ? "2048K" : second_l2_size);
    }
    return snapshot;
}

std::uint64_t second_l1_kib(const Snapshot& snapshot) {
    const Machine machine = build(snapshot);
    for (const torque::Cache& cache : machine.caches) {
        if (cache.level == 1 && cache.cpus == CpuSet{2, 3}) return cache.size_bytes.value_or(0) >> 10;
    }
    return 0;
}

}  // namespace

TEST_CASE("the L1 of like cores with like L2 of their own are read once") {
    CHECK(second_l1_kib(two_cores("2048K", "c")) == 48);
}

TEST_CASE("a core with an L2 of another size has an L1 of its own size") {
    CHECK(second_l1_kib(two_cores("1024K", "c")) == 32);
}

TEST_CASE("a core that shares its L2 with others has an L1 of its own size") {
    Snapshot snapshot = two_cores("2048K", "3c");
    snapshot.sys_cpu("online", "0-5");
    for (int cpu = 4; cpu < 6; ++cpu) {
        snapshot.cpu(cpu, "30", "3f").cache(cpu, 0, 1, "Data", "30", "32K");
        snapshot.cache(cpu, 1, 2, "Unified", "3c", "2048K");
    }
    CHECK(second_l1_kib(snapshot) == 32);
}

TEST_CASE("who shares the L1 of a compute unit is not known from one that has a single thread online") {
    Snapshot snapshot = two_cores("2048K", "c");
    snapshot.sys_cpu("online", "0,2-3");
    snapshot.cpu(0, "1", "d").cache(0, 0, 1, "Data", "1", "48K").cache(0, 1, 2, "Unified", "1", "2048K");
    for (int cpu = 2; cpu < 4; ++cpu) snapshot.cache(cpu, 0, 1, "Data", cpu == 2 ? "4" : "8", "16K");
    const Machine machine = build(snapshot);
    CHECK(machine.caches.size() == 5);  // three L1d, two L2
}

TEST_CASE("like CPUs are told apart by any word of the kernel about their kind") {
    torque::SysfsCpuFacts facts;
    for (int id = 0; id < 4; ++id) facts.cpus.push_back({id, std::nullopt, std::uint64_t{3'000'000}});
    CHECK(torque::like_cpus(facts, {}) == std::vector<CpuSet>{CpuSet::range(0, 3)});

    facts.cpus[1].max_khz = 4'000'000;
    facts.core_types.push_back({"cpu_atom", CpuSet{2}});
    std::vector<torque::CpuInfo> info(4);
    for (int id = 0; id < 4; ++id) info[static_cast<std::size_t>(id)].cpu = id;
    info[3].brand = "0xd0b";
    const std::vector<CpuSet> sets = torque::like_cpus(facts, info);
    CHECK(sets == std::vector<CpuSet>{CpuSet{0}, CpuSet{1}, CpuSet{2}, CpuSet{3}});
}
