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
    measured.smt = MeasuredSmt{"smt.json", CpuSet::range(0, 7), is_reliable, std::move(pairs)};
    return measured;
}

Measured measured_groups(std::vector<CpuSet> groups, bool is_only_first = false) {
    Measured measured;
    measured.cores = MeasuredCores{
        "cores.json", CpuSet::range(0, 7), true, {{"llc", 20, 90, is_only_first, std::move(groups)}}};
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
    CHECK(found(measured_smt({{0, 2, true, false, true}}, false)).starts_with("measured-unreliable: "));
}
