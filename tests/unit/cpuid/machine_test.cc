#include <algorithm>

#include "catch.h"
#include "machine/from_cpuid.h"
#include "registers.h"

using namespace torque;
using namespace torque::test;

namespace {

Machine build(std::vector<CpuidCpuRecords> cpus) {
    CpuidReplay replay(std::move(cpus), "dump");
    return machine_from_cpuid(read_cpuid(replay, CpuidReading::every_cpu));
}

std::vector<std::string> cache_lists(const Machine& machine, int level, CacheType type) {
    std::vector<std::string> lists;
    for (const Cache& cache : machine.caches) {
        if (cache.level == level && cache.type == type) lists.push_back(cache.cpus.list());
    }
    return lists;
}

template <class Rows>
std::vector<std::string> lists_of(const Rows& rows) {
    std::vector<std::string> lists;
    for (const auto& row : rows) lists.push_back(row.cpus.list());
    return lists;
}

bool has_finding(const Machine& machine, const std::string& id) {
    return std::any_of(machine.findings.begin(), machine.findings.end(),
                       [&](const Finding& finding) { return finding.id == id; });
}

// Leaves 0 and 1 of a CPU that has nothing else.
Records plain_cpu(std::uint32_t apic_id, std::uint32_t ids, const char* vendor = "GenuineIntel") {
    return {{0, 0, vendor_regs(2, vendor)},
            {1, 0, {0x00000f29, apic_id << 24 | ids << 16, 0, ids > 1 ? 1U << 28 : 0}},
            {2, 0, {0x00007b01, 0, 0, 0}}};
}

using Lists = std::vector<std::string>;

}  // namespace

TEST_CASE("a hybrid: types, modules and caches") {
    const Machine machine = build(hybrid_machine());
    CHECK(lists_of(machine.packages) == Lists{"0-9"});
    CHECK(lists_of(machine.cores) == Lists{"0-1", "2-3", "4", "5", "6", "7", "8", "9"});
    CHECK(lists_of(machine.clusters) == Lists{"4-7", "8-9"});
    CHECK(cache_lists(machine, 2, CacheType::unified) == Lists{"0-1", "2-3", "4-7", "8-9"});
    CHECK(cache_lists(machine, 3, CacheType::unified) == Lists{"0-7"});
    REQUIRE(machine.types.size() == 3);
    CHECK(machine.types[0].core_class == CoreClass::performance);
    CHECK(machine.types[0].cpus.list() == "0-3");
    CHECK(machine.types[0].threads_per_core == 2);
    CHECK(machine.types[1].core_class == CoreClass::efficiency);
    CHECK(machine.types[1].cpus.list() == "4-7");
    CHECK(machine.types[1].threads_per_core == 1);
    CHECK(machine.types[2].core_class == CoreClass::low_power);
    CHECK(machine.types[2].cpus.list() == "8-9");
    CHECK(machine.cpus[3].smt == 1);
    CHECK(machine.cpus[3].apic_id == 9U);
    CHECK(machine.cpus[5].cluster == ClusterId{0});
    CHECK_FALSE(machine.cpus[0].cluster.has_value());
    CHECK(machine.cores[7].type == TypeId{2});

    REQUIRE(machine.tlbs.size() == 3);
    CHECK(machine.tlbs[0].cpus.list() == "0-3");
    CHECK(machine.tlbs[2].cpus.list() == "4-9");
    CHECK(machine.tlbs[2].entries == 2048);
    CHECK(machine.findings.empty());
    CHECK(machine.provenance == std::vector<Provenance>{{"cores", "dump: leaf 0x1F"},
                                                        {"cpus.apic_id", "dump: leaf 0x1F"},
                                                        {"caches", "dump: leaf 4"},
                                                        {"tlbs", "dump: leaf 0x18"}});
}

TEST_CASE("six CPUs share a block of eight ids, and complexes may differ in their L3") {
    const Machine machine = build(zen_machine());
    CHECK(lists_of(machine.packages) == Lists{"0-11"});
    CHECK(lists_of(machine.cores) == Lists{"0-1", "2-3", "4-5", "6-7", "8-9", "10-11"});
    CHECK(cache_lists(machine, 3, CacheType::unified) == Lists{"0-5", "6-11"});
    CHECK(machine.caches.back().size_bytes == 96ULL << 20);
    REQUIRE(machine.types.size() == 1);
    CHECK(machine.types[0].core_class == CoreClass::uniform);
    CHECK(machine.types[0].family == 0x19);
    // One entry for the group, though the L3s make two kinds.
    CHECK(std::all_of(machine.tlbs.begin(), machine.tlbs.end(),
                      [](const Tlb& tlb) { return tlb.cpus.list() == "0-11"; }));
}

TEST_CASE("packages of threads, as the Pentium 4 had them") {
    const Machine machine =
        build({{0, plain_cpu(0, 2)}, {1, plain_cpu(6, 2)}, {2, plain_cpu(1, 2)}, {3, plain_cpu(7, 2)}});
    CHECK(lists_of(machine.packages) == Lists{"0,2", "1,3"});
    CHECK(machine.packages[1].id == PackageId{3});
    CHECK(lists_of(machine.cores) == Lists{"0,2", "1,3"});
    CHECK(cache_lists(machine, 2, CacheType::unified) == Lists{"0,2", "1,3"});
}

TEST_CASE("a compute unit of family 15h is a cluster of two cores") {
    const auto cpu = [](std::uint32_t id) {
        return Records{{0, 0, vendor_regs(1, "AuthenticAMD")},
                       {1, 0, {0x00600f12, id << 24 | 4 << 16, 0, 1 << 28}},
                       {0x80000000, 0, {0x8000001e, 0, 0, 0}},
                       {0x80000001, 0, {0, 0, 1U << 22, 0}},
                       {0x80000008, 0, {0, 0, 0x2003, 0}},
                       {0x8000001e, 0, {id, 0x100 | id >> 1, 0x100 | id >> 1, 0}}};
    };
    const Machine machine = build({{0, cpu(0)}, {1, cpu(1)}, {2, cpu(2)}, {3, cpu(3)}});
    CHECK(machine.cores.size() == 4);
    CHECK(lists_of(machine.clusters) == Lists{"0-1", "2-3"});
    CHECK(lists_of(machine.dies) == Lists{"0-1", "2-3"});
    CHECK(lists_of(machine.packages) == Lists{"0-3"});
}

TEST_CASE("a G34 package of family 10h is two dies of half the cores and half the L3") {
    const auto cpu = [](std::uint32_t id) {
        return Records{{0, 0, vendor_regs(1, "AuthenticAMD")},
                       {1, 0, {0x00100f91, id << 24 | 6 << 16, 0, 1 << 28}},
                       {0x80000000, 0, {0x80000008, 0, 0, 0}},
                       {0x80000001, 0, {0, 3U << 28, 0, 0}},
                       {0x80000006, 0, {0, 0, 0x02008140, 0x0060b140}},
                       {0x80000008, 0, {0, 0, 0x3005, 0}}};
    };
    std::vector<CpuidCpuRecords> cpus;
    for (std::uint32_t id = 0; id < 6; ++id) cpus.push_back({static_cast<int>(id), cpu(id + 8)});
    const Machine machine = build(cpus);
    CHECK(lists_of(machine.packages) == Lists{"0-5"});
    CHECK(lists_of(machine.dies) == Lists{"0-2", "3-5"});
    CHECK(cache_lists(machine, 3, CacheType::unified) == Lists{"0-2", "3-5"});
    CHECK(machine.caches.back().size_bytes == 6ULL << 20);
}

TEST_CASE("CPUs with one APIC id cannot be told apart") {
    const Machine machine = build({{0, plain_cpu(0, 1)}, {1, plain_cpu(0, 1)}, {2, plain_cpu(1, 1)}});
    CHECK(has_finding(machine, "cpuid-no-apic-ids"));
    CHECK(lists_of(machine.packages) == Lists{"2"});
    CHECK(lists_of(machine.cores) == Lists{"2"});
    CHECK_FALSE(machine.cpus[0].apic_id.has_value());
    CHECK_FALSE(machine.cpus[1].core.has_value());
    CHECK(cache_lists(machine, 2, CacheType::unified) == Lists{"0", "1", "2"});
}

TEST_CASE("a part of a package, refused CPUs and an unnamed hypervisor are findings") {
    CHECK(has_finding(build({{0, zen_cpu(0, 32768)}}), "cpuid-partial"));
    CHECK_FALSE(has_finding(build(zen_machine()), "cpuid-partial"));
    CHECK_FALSE(has_finding(build({{0, plain_cpu(0, 16)}}), "cpuid-partial"));  // 16 ids, not 16 CPUs

    CpuidFacts facts;
    facts.source = "live";
    facts.is_guest = true;
    facts.refused_cpus = {4, 5};
    const Machine machine = machine_from_cpuid(facts);
    CHECK(has_finding(machine, "cpuid-refused"));
    CHECK(has_finding(machine, "cpuid-hypervisor-unnamed"));
    CHECK(machine.cpus.empty());
}

TEST_CASE("ids with gaps and of 32 bits are only ever compared") {
    const auto cpu = [](std::uint32_t id) {
        return Records{{0, 0, vendor_regs(0xb, "GenuineIntel")},
                       {0xb, 0, {1, 2, 0x100, id}},
                       {0xb, 1, {1, 2, 0x201, id}}};
    };
    const Machine machine = build({{0, cpu(0xfffffffe)}, {7, cpu(0xffffffff)}, {9, cpu(2)}});
    CHECK(lists_of(machine.packages) == Lists{"9", "0,7"});
    CHECK(lists_of(machine.cores) == Lists{"0,7", "9"});

    const auto flat = [](std::uint32_t id) {
        return Records{{0, 0, vendor_regs(0xb, "GenuineIntel")}, {0xb, 0, {0, 1, 0x100, id}}};
    };
    const Machine wide = build({{0, flat(0xffffffff)}, {1, flat(3)}});
    REQUIRE(wide.packages.size() == 2);
    CHECK(wide.packages[0].cpus.list() == "1");  // numbered anew: 2^32-1 is no package id
    CHECK(wide.packages[1].id == PackageId{1});
}
