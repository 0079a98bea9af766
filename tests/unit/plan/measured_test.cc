// Plans that go by what was measured: hidden threads are one core, measured groups are caches.
#include "plan/measured.h"

#include <algorithm>
#include <string>

#include "catch.h"
#include "unit/plan/worlds.h"

using namespace torque;
using namespace torque::planning;

namespace {

// Eight CPUs in cores of their own and one cache, as a hypervisor likes to say.
Machine guest() {
    Machine machine = worlds::build(worlds::uniform(1, 1, 8, 1, worlds::Numbering::neighbours));
    machine.fingerprint = "f";
    machine.findings.push_back({"vm-guest", Severity::info, "", "", {}});
    return machine;
}

// CPUs 0 and 4, 1 and 5 ... share a core.
Measured halves(bool is_sure = true, bool is_reliable = true) {
    Measured measured;
    measured.smt = MeasuredSmt{{"smt.json", CpuSet::range(0, 7), is_reliable}, {}};
    for (int cpu = 0; cpu < 4; ++cpu) measured.smt->pairs.push_back({cpu, cpu + 4, true, false, is_sure});
    return measured;
}

Measured caches(std::vector<CpuSet> groups, bool is_only_first = false) {
    Measured measured;
    measured.cores =
        MeasuredCores{{"cores.json", CpuSet::range(0, 7)}, {{"llc", 20, 90, is_only_first, groups}}, {}};
    return measured;
}

Layout planned(const Machine& machine, const Measured& measured, int workers,
               Policy policy = Policy::spread) {
    Request request;
    request.workers = workers;
    request.policy = policy;
    const auto layout = plan_measured(machine, measured, Profile{}, request);
    REQUIRE(layout);
    return *layout;
}

std::string workers_text(const Layout& layout) {
    std::string text;
    for (const Worker& worker : layout.workers)
        text += (text.empty() ? "" : " ") + std::to_string(worker.cpu.value);
    return text;
}

int decisions_of(const Layout& layout) {
    return static_cast<int>(std::count_if(layout.decisions.begin(), layout.decisions.end(),
                                          [](const Decision& row) { return row.rule == "measured"; }));
}

}  // namespace

TEST_CASE("threads that the machine hides are planned as one core") {
    const Layout claimed = planned(guest(), {}, 3);
    CHECK(workers_text(claimed) == "5 6 7");
    CHECK(decisions_of(claimed) == 0);
    const Layout layout = planned(guest(), halves(), 3);
    CHECK(workers_text(layout) == "1 2 3");
    CHECK(layout.isolated == CpuSet{1, 2, 3, 5, 6, 7});
    CHECK(decisions_of(layout) == 1);
    CHECK(layout.warnings.at(0).find("0,4 1,5 2,6 3,7") != std::string::npos);
    // What a kernel is asked when the layout is checked.
    CHECK(layout.machine.fingerprint == "f");
    CHECK(layout.workers[0].siblings.empty());
    CHECK(layout.workers[0].core == CoreId{1});
}

TEST_CASE("an offline thread of a core goes with it into the one that was measured") {
    Machine machine = guest();
    Cpu offline;
    offline.id = CpuId{8};
    offline.online = offline.allowed = false;
    offline.core = CoreId{7};
    machine.cpus.push_back(offline);
    machine.host.possible.add(8);
    const Layout layout = planned(machine, halves(), 3);
    CHECK(workers_text(layout) == "1 2 3");
    CHECK(layout.isolated == CpuSet{1, 2, 3, 5, 6, 7, 8});
}

TEST_CASE("what is not sure or not reliable changes nothing but says so") {
    for (const Measured& measured : {halves(false), halves(true, false)}) {
        const Layout layout = planned(guest(), measured, 3);
        CHECK(workers_text(layout) == "5 6 7");
        CHECK(decisions_of(layout) == 0);
        REQUIRE_FALSE(layout.warnings.empty());
        CHECK(layout.warnings[0].find(measured.smt->is_reliable ? "not sure enough" : "not reliable") !=
              std::string::npos);
    }
}

TEST_CASE("groups by latency part the workers of a guest") {
    const Measured measured = caches({{0, 2, 4, 6}, {1, 3, 5, 7}});
    const Layout layout = planned(guest(), measured, 2);
    CHECK(workers_text(layout) == "6 7");
    CHECK(layout.workers[0].llc != layout.workers[1].llc);
    CHECK(decisions_of(layout) == 1);
    CHECK(workers_text(planned(guest(), measured, 3, Policy::huddle)) == "2 4 6");
}

TEST_CASE("elsewhere the kernel is believed, and so is what it says too") {
    Machine metal = guest();
    metal.findings.clear();
    const Layout layout = planned(metal, caches({{0, 2, 4, 6}, {1, 3, 5, 7}}), 2);
    CHECK(decisions_of(layout) == 0);
    REQUIRE_FALSE(layout.warnings.empty());
    CHECK(layout.warnings[0].find("no guest") != std::string::npos);
    CHECK(planned(guest(), caches({CpuSet::range(0, 7)}), 2) == planned(guest(), {}, 2));
    CHECK(planned(guest(), caches({{0, 2}, {1, 3, 4, 5, 6, 7}}, true), 2) == planned(guest(), {}, 2));
}

TEST_CASE("CPUs that were not measured keep their caches, and cores that nobody named are made") {
    Measured some = caches({{0, 2}, {1, 3}});
    some.cores->cpus = CpuSet::range(0, 3);
    const Regrouped regrouped = regroup(guest(), some);
    std::string text;
    for (const Cache& cache : regrouped.machine.caches) {
        if (cache.level == 3) text += (text.empty() ? "" : " ") + cache.cpus.list();
    }
    CHECK(text == "4-7 0,2 1,3");
    Machine bare = guest();
    bare.cores.clear();
    REQUIRE(regroup(bare, halves()).machine.cores.size() == 4);
    CHECK(regroup(bare, halves()).machine.cores[3].cpus == CpuSet{3, 7});
}

TEST_CASE("plans do not go by caches and memory, and say so") {
    Measured measured;
    measured.cache = MeasuredCaches{{"cache.json", CpuSet::range(0, 7)}, {{0, 4096, {{65536}}, {}}}};
    measured.memory = MeasuredMemory{{"memory.json", CpuSet::range(0, 7)}, {}};
    Layout layout = planned(guest(), measured, 2);
    const Layout other = planned(guest(), {}, 2);
    REQUIRE(layout.warnings.size() == other.warnings.size() + 2);
    CHECK(layout.warnings[0].find("measure cache") != std::string::npos);
    CHECK(layout.warnings[1].find("measure memory") != std::string::npos);
    layout.warnings = other.warnings;
    CHECK(layout == other);
}
