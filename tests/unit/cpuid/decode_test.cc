#include <algorithm>

#include "catch.h"
#include "probes/cpuid.h"
#include "probes/cpuid_amd.h"
#include "probes/cpuid_cache.h"
#include "probes/cpuid_leaf2.h"
#include "probes/cpuid_leaves.h"
#include "probes/cpuid_tlb.h"
#include "probes/cpuid_topology.h"
#include "registers.h"

using namespace torque;
using namespace torque::test;

namespace {

CpuidFacts read_one(Records records) {
    CpuidReplay replay({{0, std::move(records)}}, "one");
    CpuidFacts facts = read_cpuid(replay, CpuidReading::every_cpu);
    REQUIRE(facts.kinds.size() == 1);
    return facts;
}

// A one-core Intel CPU with the given descriptors.
CpuidKind leaf2_cpu(CpuidRegs leaf2, std::uint32_t signature = 0x000006d8) {
    return read_one({{0, 0, vendor_regs(2, "GenuineIntel")}, {1, 0, {signature, 0, 0, 0}}, {2, 0, leaf2}})
        .kinds[0];
}

bool has_tlb(const CpuidKind& kind, int level, TlbType type, std::vector<std::string> pages, int entries,
             std::optional<int> ways, bool full = false) {
    const CpuidTlb wanted{level, type, std::move(pages), entries, ways, full, {}};
    return std::count(kind.tlbs.begin(), kind.tlbs.end(), wanted) == 1;
}

const CpuidCache& cache_of(const CpuidKind& kind, int level, CacheType type) {
    const auto at = std::find_if(kind.caches.begin(), kind.caches.end(), [&](const CpuidCache& cache) {
        return cache.level == level && cache.type == type;
    });
    REQUIRE(at != kind.caches.end());
    return *at;
}

}  // namespace

TEST_CASE("bit fields and block sizes") {
    CHECK(bits(0xabcd1234, 31, 28) == 0xa);
    CHECK(bits(0xabcd1234, 31, 0) == 0xabcd1234);
    CHECK(bits(0xabcd1234, 3, 0) == 4);
    CHECK(shift_for(0) == 0);
    CHECK(shift_for(1) == 0);
    CHECK(shift_for(6) == 3);
    CHECK(shift_for(8) == 3);
    CHECK(shift_for(0xffffffff) == 31);
}

TEST_CASE("display family and model add the extended fields where the maker does") {
    const auto signature = [](const char* vendor, std::uint32_t eax) {
        const CpuidReplay replay({{0, {{0, 0, vendor_regs(1, vendor)}, {1, 0, {eax, 0, 0, 0}}}}}, "one");
        const CpuidSignature value = read_signature(CpuidLeaves(replay));
        return std::vector{value.family, value.model, value.stepping};
    };
    CHECK(signature("GenuineIntel", 0x000906a4) == std::vector{6, 0x9a, 4});
    CHECK(signature("AuthenticAMD", 0x00a20f12) == std::vector{0x19, 0x21, 2});
    CHECK(signature("AuthenticAMD", 0x00000662) == std::vector{6, 6, 2});
    CHECK(signature("GenuineIntel", 0x00000f29) == std::vector{15, 2, 9});
    CHECK(signature("CentaurHauls", 0x000107b0) == std::vector{7, 0x1b, 0});
}

TEST_CASE("leaf 2: order means nothing, marked registers hold nothing, the count is no descriptor") {
    // 0x2c 32K L1 data, 0x30 32K L1 instruction, 0x7d 2M L2, 0xb0 0xb3 0x02 0x04; ECX is marked invalid.
    const CpuidKind kind = leaf2_cpu({0x02b3b001, 0x000000f0, 0x80303030, 0x2c04307d});
    CHECK(kind.cache_leaf == "2");
    REQUIRE(kind.caches.size() == 3);
    CHECK(cache_of(kind, 1, CacheType::data).size_bytes == 32 * 1024);
    const CpuidCache& l2 = cache_of(kind, 2, CacheType::unified);
    CHECK(l2.size_bytes == 2048 * 1024);
    CHECK(l2.ways == 8);
    CHECK(l2.sets == 4096);
    REQUIRE(kind.tlbs.size() == 4);
    CHECK(has_tlb(kind, 1, TlbType::instruction, {"4K"}, 128, 4));
    CHECK(has_tlb(kind, 1, TlbType::data, {"4K"}, 128, 4));
    CHECK(has_tlb(kind, 1, TlbType::instruction, {"4M"}, 2, std::nullopt, true));
    CHECK(has_tlb(kind, 1, TlbType::data, {"4M"}, 8, 4));
}

TEST_CASE("leaf 2: one descriptor may stand for several TLBs") {
    const CpuidKind kind = leaf2_cpu({0x76036301, 0x00f0b5ff, 0, 0x00c30000});
    CHECK(kind.caches.empty());
    CHECK(has_tlb(kind, 1, TlbType::data, {"2M", "4M"}, 32, 4));
    CHECK(has_tlb(kind, 1, TlbType::data, {"1G"}, 4, 4));
    CHECK(has_tlb(kind, 2, TlbType::unified, {"4K", "2M"}, 1536, 6));
    CHECK(has_tlb(kind, 2, TlbType::unified, {"1G"}, 16, 4));
    const CpuidKind older = leaf2_cpu({0x0000b101, 0, 0, 0});
    CHECK(has_tlb(older, 1, TlbType::instruction, {"2M"}, 8, 4));
    CHECK(has_tlb(older, 1, TlbType::instruction, {"4M"}, 4, 4));
}

TEST_CASE("leaf 2: a data TLB without a level stands behind a smaller one") {
    CHECK(has_tlb(leaf2_cpu({0x00b3a001, 0, 0, 0}), 2, TlbType::data, {"4K"}, 128, 4));
    CHECK(has_tlb(leaf2_cpu({0x0000b301, 0, 0, 0}), 1, TlbType::data, {"4K"}, 128, 4));
}

TEST_CASE("leaf 2: 49h is an L3 on one Xeon MP, 40h is no cache, FFh defers to leaf 4") {
    CHECK(cache_of(leaf2_cpu({0x00004901, 0, 0, 0}, 0x00000f68), 3, CacheType::unified).size_bytes ==
          4096 * 1024);
    CHECK(cache_of(leaf2_cpu({0x00004901, 0, 0, 0}, 0x000006fb), 2, CacheType::unified).size_bytes ==
          4096 * 1024);
    CHECK(leaf2_cpu({0x00ff4001, 0, 0, 0}).caches.empty());
}

TEST_CASE("leaf 2: Cyrix gave two bytes a meaning of their own") {
    const CpuidKind kind = read_one({{0, 0, vendor_regs(2, "Geode by NSC")},
                                     {1, 0, {0x540, 0, 0, 0}},
                                     {2, 0, {0x00007001, 0, 0, 0x80}},
                                     {0x80000000, 0, {0x80000005, 0, 0, 0}},
                                     {0x80000005, 0, {0, 0x00007001, 0x80, 0}}})
                               .kinds[0];
    REQUIRE(kind.caches.size() == 1);
    CHECK(kind.caches[0].size_bytes == 16 * 1024);
    CHECK(kind.caches[0].line_bytes == 16);
    REQUIRE(kind.tlbs.size() == 1);
    CHECK(has_tlb(kind, 1, TlbType::unified, {"4K"}, 32, 4));
}

TEST_CASE("leaf 4: sizes, full associativity and the block of ids") {
    const CpuidKind kind = read_one({{0, 0, vendor_regs(4, "GenuineIntel")},
                                     {1, 0, {0x306c3, 0, 0, 0}},
                                     {4, 0, cache_regs(1, 1, 2, 12, 64)},
                                     {4, 1, {2 | 1 << 5 | 1 << 9, 63 | 511U << 22, 0, 0}},
                                     {4, 2, cache_regs(3, 3, 24, 15, 61440, 2)},
                                     {4, 3, {0, 0, 0, 0}},
                                     {4, 4, cache_regs(3, 4, 1, 1, 1)}})
                               .kinds[0];
    REQUIRE(kind.caches.size() == 3);
    CHECK(kind.cache_leaf == "4");
    const CpuidCache& l1 = cache_of(kind, 1, CacheType::data);
    CHECK(l1.size_bytes == 48 * 1024);
    CHECK(l1.shift == 1);
    CHECK(l1.inclusive == false);
    CHECK(l1.partitions == 1);
    const CpuidCache& full = cache_of(kind, 1, CacheType::instruction);
    CHECK(full.fully_associative);
    CHECK(full.ways == 512);
    CHECK(full.size_bytes == 32 * 1024);
    const CpuidCache& l3 = cache_of(kind, 3, CacheType::unified);
    CHECK(l3.sets == 61440);
    CHECK(l3.shift == 5);
    CHECK(l3.inclusive == true);
}

TEST_CASE("leaf 0x18: type 0 is skipped, the level starts at 1, sub-leaf 0 may be valid") {
    const CpuidKind kind = read_one({{0, 0, vendor_regs(0x18, "GenuineIntel")},
                                     {1, 0, {0x906a4, 0, 0, 0}},
                                     {0x18, 0, {3, 1 | 4U << 16, 16, 1 | 1 << 5}},
                                     {0x18, 2, tlb_regs(0, 0, 0, 0, 0)},
                                     {0x18, 3, tlb_regs(4, 1, 8, 8, 1, true)},
                                     {0x18, 4, tlb_regs(1, 1, 1, 4, 16)}})
                               .kinds[0];
    REQUIRE(kind.tlbs.size() == 2);
    CHECK(kind.tlb_leaf == "0x18");
    CHECK(has_tlb(kind, 1, TlbType::data, {"4K"}, 64, 4));
    CHECK(has_tlb(kind, 1, TlbType::load, {"1G"}, 8, std::nullopt, true));
}

TEST_CASE("leaf 0x18: absurd numbers stay unknown") {
    const CpuidKind kind = read_one({{0, 0, vendor_regs(0x18, "GenuineIntel")},
                                     {0x18, 0, {0xffffffff, 0, 0, 0}},
                                     {0x18, 1, {0, 0xffff'0001, 0xffffffff, 1 | 1 << 5}}})
                               .kinds[0];
    REQUIRE(kind.tlbs.size() == 1);
    CHECK_FALSE(kind.tlbs[0].entries.has_value());
    CHECK(kind.tlbs[0].ways == 0xffff);
}

TEST_CASE("AMD associativity codes") {
    CHECK(amd_ways_of_code(3).ways == 3);
    CHECK(amd_ways_of_code(5).ways == 6);
    CHECK(amd_ways_of_code(8).ways == 16);
    CHECK(amd_ways_of_code(0xe).ways == 128);
    CHECK(amd_ways_of_code(0xf).is_full);
    CHECK_FALSE(amd_ways_of_code(0).is_present);
    CHECK(amd_ways_of_code(9).is_present);
    CHECK_FALSE(amd_ways_of_code(9).ways.has_value());
    CHECK_FALSE(amd_ways_of_code(7).is_present);
}

TEST_CASE("AMD's packed fields, before 0x8000001D") {
    const CpuidKind kind = read_one({{0, 0, vendor_regs(1, "AuthenticAMD")},
                                     {1, 0, {0x00100f42, 0x00040800, 0, 1 << 28}},
                                     {0x80000000, 0, {0x80000019, 0, 0, 0}},
                                     {0x80000005, 0, {0xff30ff10, 0xff30ff20, 0x40020140, 0x40020140}},
                                     {0x80000006, 0, {0x20800000, 0x42004200, 0x02008140, 0x0030b140}},
                                     {0x80000008, 0, {0x3030, 0, 0x2003, 0}},
                                     {0x80000019, 0, {0xf0300000, 0x60100000, 0, 0}}})
                               .kinds[0];
    CHECK(kind.cache_leaf == "0x80000005");
    CHECK(cache_of(kind, 1, CacheType::data).size_bytes == 64 * 1024);
    CHECK(cache_of(kind, 1, CacheType::data).ways == 2);
    CHECK(cache_of(kind, 2, CacheType::unified).sets == 512);
    const CpuidCache& l3 = cache_of(kind, 3, CacheType::unified);
    CHECK(l3.size_bytes == 6144 * 1024);
    CHECK(l3.ways == 48);
    CHECK(l3.shift == 2);
    CHECK(kind.tlbs.size() == 9);
    CHECK(has_tlb(kind, 1, TlbType::instruction, {"2M", "4M"}, 16, std::nullopt, true));
    CHECK(has_tlb(kind, 1, TlbType::data, {"2M", "4M"}, 48, std::nullopt, true));
    CHECK(has_tlb(kind, 2, TlbType::data, {"2M", "4M"}, 128, 2));
    CHECK(has_tlb(kind, 2, TlbType::instruction, {"4K"}, 512, 4));
    CHECK(has_tlb(kind, 1, TlbType::data, {"1G"}, 48, std::nullopt, true));
    CHECK(has_tlb(kind, 2, TlbType::data, {"1G"}, 16, 8));
}

TEST_CASE("AMD: a zero upper half is a unified L2 TLB, and a reserved associativity is no TLB") {
    const CpuidKind kind = read_one({{0, 0, vendor_regs(1, "AuthenticAMD")},
                                     {1, 0, {0x5a2, 0, 0, 0}},
                                     {0x80000000, 0, {0x80000006, 0, 0, 0}},
                                     {0x80000005, 0, {0x80000005, 0xff10ff10, 0x40100120, 0x40100120}},
                                     {0x80000006, 0, {0x0000f004, 0x00002040, 0x00804120, 0}}})
                               .kinds[0];
    CHECK(kind.tlbs.size() == 4);
    CHECK(has_tlb(kind, 2, TlbType::unified, {"2M", "4M"}, 4, std::nullopt, true));
    CHECK(has_tlb(kind, 2, TlbType::unified, {"4K"}, 64, 2));
}

TEST_CASE("VIA's L2 of the C3 has the layout of an L1") {
    const auto l2_bytes = [](std::uint32_t signature, std::uint32_t ecx) {
        return cache_of(read_one({{0, 0, vendor_regs(1, "CentaurHauls")},
                                  {1, 0, {signature, 0, 0, 0}},
                                  {0x80000000, 0, {0x80000006, 0, 0, 0}},
                                  {0x80000006, 0, {0, 0, ecx, 0}}})
                            .kinds[0],
                        2, CacheType::unified)
            .size_bytes;
    };
    CHECK(l2_bytes(0x673, 0x40040120) == 64 * 1024);
    CHECK(l2_bytes(0x691, 0x00410120) == 64 * 1024);
    CHECK(l2_bytes(0x694, 0x00408120) == 64 * 1024);
}

TEST_CASE("levels of 0x1F: shifts are cumulative and unknown levels fold into the one below") {
    const CpuidReplay replay({{0,
                               {{0, 0, vendor_regs(0x1f, "GenuineIntel")},
                                {0x1f, 0, {1, 2, 0x100, 0x1234}},
                                {0x1f, 1, {4, 16, 0x201, 0x1234}},
                                {0x1f, 2, {6, 32, 0x902, 0x1234}},
                                {0x1f, 3, {8, 64, 0x503, 0x1234}},
                                {0x1f, 4, {0, 0, 4, 0x1234}}}}},
                             "one");
    const CpuidTopology topology = read_topology(CpuidLeaves(replay));
    CHECK(topology.leaf == "0x1F");
    CHECK(topology.apic_id == 0x1234);
    CHECK(topology.domains == std::vector<CpuidDomain>{{CpuidDomainKind::core, 1},
                                                       {CpuidDomainKind::die, 6},
                                                       {CpuidDomainKind::package, 8}});
}

TEST_CASE("a level leaf whose first EBX is 0 is not there") {
    const Records base = {{0, 0, vendor_regs(0x1f, "GenuineIntel")},
                          {1, 0, {0, 5U << 24 | 16 << 16, 0, 1 << 28}},
                          {4, 0, {7U << 26 | 1, 0, 0, 0}},
                          {0x1f, 0, {0, 0, 0x100, 99}},
                          {0xb, 0, {0, 0, 0, 99}}};
    const CpuidReplay legacy({{0, base}}, "one");
    const CpuidTopology topology = read_topology(CpuidLeaves(legacy));
    CHECK(topology.leaf == "1");
    CHECK(topology.apic_id == 5);
    CHECK(topology.shift_of(CpuidDomainKind::core) == 1);
    CHECK(topology.shift_of(CpuidDomainKind::package) == 4);

    Records with_b = base;
    with_b[4] = {0xb, 0, {1, 2, 0x100, 99}};
    with_b.push_back({0xb, 1, {5, 8, 0x201, 99}});
    const CpuidReplay newer({{0, with_b}}, "one");
    CHECK(read_topology(CpuidLeaves(newer)).leaf == "0xB");
    CHECK(read_topology(CpuidLeaves(newer)).shift_of(CpuidDomainKind::package) == 5);
}

TEST_CASE("0x80000026 names a level by what lies above its shift") {
    const CpuidReplay replay({{0,
                               {{0, 0, vendor_regs(0x10, "AuthenticAMD")},
                                {0x80000000, 0, {0x80000026, 0, 0, 0}},
                                {0x80000026, 0, {1, 2, 0x100, 0x155}},
                                {0x80000026, 1, {4, 16, 0x201, 0x155}},
                                {0x80000026, 2, {5, 32, 0x302, 0x155}},
                                {0x80000026, 3, {9, 192, 0x403, 0x155}}}}},
                             "one");
    const CpuidTopology topology = read_topology(CpuidLeaves(replay));
    CHECK(topology.shift_of(CpuidDomainKind::core) == 1);
    CHECK(topology.shift_of(CpuidDomainKind::complex) == 4);
    CHECK(topology.shift_of(CpuidDomainKind::die) == 5);
    CHECK(topology.shift_of(CpuidDomainKind::package) == 9);
}

TEST_CASE("hypervisors are named, and a root partition is none") {
    const auto read = [](Records extra) {
        Records records = {{0, 0, vendor_regs(1, "GenuineIntel")}, {1, 0, {0x306c3, 0, 1U << 31, 1 << 25}}};
        records.insert(records.end(), extra.begin(), extra.end());
        return read_one(std::move(records));
    };
    const CpuidRegs microsoft{0x4000000c, 0x7263694d, 0x666f736f, 0x76482074};
    const CpuidRegs kvm{0x40000101, 0x4b4d564b, 0x564b4d56, 0x4d};
    CHECK(read({{0x40000000, 0, kvm}}).hypervisor == "KVM");
    CHECK(read({{0x40000000, 0, microsoft}}).hypervisor == "Hyper-V");
    CHECK(read({{0x40000000, 0, microsoft}, {0x40000100, 0, kvm}}).hypervisor == "KVM");
    CHECK(read({{0x40000000, 0, {0, 0x01416161, 0, 0}}}).hypervisor == "aaA\\x01");
    const CpuidFacts root = read({{0x40000000, 0, microsoft}, {0x40000003, 0, {0, 1U << 12 | 1, 0, 0}}});
    CHECK_FALSE(root.hypervisor.has_value());
    CHECK_FALSE(root.is_guest);
    CHECK(read({}).is_guest);
    CHECK_FALSE(read({}).hypervisor.has_value());
}

TEST_CASE("like CPUs are decoded once, with the same result as decoding each") {
    for (const auto& machine : {hybrid_machine(), zen_machine()}) {
        CountingSource every(machine), like(machine);
        const CpuidFacts a = read_cpuid(every, CpuidReading::every_cpu);
        const CpuidFacts b = read_cpuid(like, CpuidReading::like_cpus);
        CHECK(a.kinds == b.kinds);
        CHECK(a.cpus == b.cpus);
        CHECK(a.names.size() == a.kinds.size());
        for (const auto& cpu : machine) {  // wherever it runs, and so begins
            CountingSource there(machine);
            there.current = cpu.cpu;
            const CpuidFacts c = read_cpuid(there, CpuidReading::like_cpus);
            CHECK(a.kinds == c.kinds);
            CHECK(a.cpus == c.cpus);
        }
    }
}

TEST_CASE("a CPU like one seen before costs few executions of CPUID") {
    auto machine = zen_machine();
    const int base = [&] {
        CountingSource source(machine);
        read_cpuid(source, CpuidReading::like_cpus);
        return source.count;
    }();
    for (std::uint32_t id = 16; id < 22; ++id) machine.push_back({static_cast<int>(id), zen_cpu(id, 32768)});
    CountingSource source(machine);
    read_cpuid(source, CpuidReading::like_cpus);
    CHECK((source.count - base) / 6 <= 8);
}

TEST_CASE("a CPU that cannot be asked is left out") {
    CountingSource source(zen_machine());
    source.refused = 3;
    for (const auto reading : {CpuidReading::every_cpu, CpuidReading::like_cpus}) {
        const CpuidFacts facts = read_cpuid(source, reading);
        CHECK(facts.cpus.size() == 11);
        CHECK(facts.refused_cpus == std::vector{3});
    }
}

TEST_CASE("nothing is made of nothing") {
    for (const Records& records : {Records{{7, 0, {}}}, Records{{0, 0, {0xffffffff, 0, 0, 0}}}}) {
        CpuidReplay replay({{0, records}}, "empty");
        const CpuidFacts facts = read_cpuid(replay, CpuidReading::every_cpu);
        REQUIRE(facts.kinds.size() == 1);
        CHECK(facts.kinds[0].caches.empty());
        CHECK(facts.kinds[0].tlbs.empty());
        CHECK_FALSE(facts.kinds[0].brand.has_value());
    }
    CpuidReplay none({}, "none");
    CHECK(read_cpuid(none, CpuidReading::every_cpu).cpus.empty());
    CHECK_FALSE(none.get(0, 0).has_value());
}

TEST_CASE("a cache or TLB of level 0 is none") {
    const CpuidKind kind = read_one({{0, 0, vendor_regs(0x18, "GenuineIntel")},
                                     {4, 0, cache_regs(1, 0, 1, 8, 64)},
                                     {4, 1, cache_regs(3, 2, 1, 8, 1024)},
                                     {0x18, 0, {1, 0, 0, 0}},
                                     {0x18, 1, tlb_regs(1, 0, 1, 4, 16)}})
                               .kinds[0];
    REQUIRE(kind.caches.size() == 1);
    CHECK(kind.caches[0].level == 2);
    CHECK(kind.tlbs.empty());
}
