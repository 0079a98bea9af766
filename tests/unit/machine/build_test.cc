#include "machine/build.h"

#include "catch.h"
#include "unit/cpuid/registers.h"
#include "unit/machine/snapshot.h"

using torque::CoreClass;
using torque::CpuidCpuRecords;
using torque::CpuSet;
using torque::Host;
using torque::Machine;
using torque::test::CountingSource;
using torque::test::hybrid_cpu;

namespace {

// Two cores of two threads in one package.
Snapshot two_cores() {
    Snapshot snapshot;
    snapshot.sys_cpu("online", "0-3").sys_cpu("possible", "0-7");
    snapshot.cpu(0, "5", "f").cpu(1, "a", "f").cpu(2, "5", "f").cpu(3, "a", "f");
    return snapshot;
}

}  // namespace

TEST_CASE("cores, packages and siblings come from the kernel's masks") {
    const Machine machine = build(two_cores());
    REQUIRE(machine.cores.size() == 2);
    CHECK(machine.cores[0].cpus == CpuSet{0, 2});
    CHECK(machine.cores[1].cpus == CpuSet{1, 3});
    REQUIRE(machine.packages.size() == 1);
    CHECK(machine.packages[0].cpus == CpuSet::range(0, 3));
    CHECK(machine.cpus[2].smt == 1);
    CHECK(machine.cpus[3].core == torque::CoreId{1});
    CHECK(machine.host.possible == CpuSet::range(0, 7));
}

TEST_CASE("what a machine does not tell is absent, and not fatal") {
    const Machine machine = build(two_cores());
    CHECK(machine.caches.empty());
    CHECK(machine.tlbs.empty());
    CHECK(machine.dies.empty());
    CHECK_FALSE(machine.cpus[0].apic_id.has_value());
    CHECK_FALSE(machine.cpus[0].max_khz.has_value());
    CHECK_FALSE(machine.host.kernel.has_value());
    REQUIRE(machine.nodes.size() == 1);  // no NUMA: one memory for all
    CHECK(machine.nodes[0].cpus == CpuSet::range(0, 3));
    CHECK_FALSE(machine.nodes[0].memory_bytes.has_value());
}

TEST_CASE("a machine that tells of no CPU is refused") {
    Snapshot snapshot;
    snapshot.file("sys/devices/system/cpu/kernel_max", "63");
    const auto error = [&] { return torque::build_machine(snapshot.host()).error().what; };
    CHECK(error() == "it tells of no CPU");
    snapshot.file("proc/cpuinfo", "no CPU by this name");
    CHECK(error() == "it tells of no CPU");
    snapshot.file("proc/cpuinfo", "");
    CHECK(error() == "it tells of no CPU: its proc/cpuinfo is empty");
    snapshot.link("proc/cpuinfo", "../elsewhere");
    CHECK(error() == "it tells of no CPU: its proc/cpuinfo is unreadable");
}

TEST_CASE("a container without sysfs still has the CPUs of /proc/cpuinfo") {
    Snapshot snapshot;
    snapshot.file("proc/cpuinfo",
                  "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: X\n\nprocessor\t: 1\n");
    const Machine machine = build(snapshot);
    CHECK(machine.cpus.size() == 2);
    CHECK(machine.cores.empty());
    CHECK(machine.host.model == "X");
}

TEST_CASE("an offline CPU is listed without a place") {
    Snapshot snapshot = two_cores();
    snapshot.sys_cpu("online", "0-2").file(Snapshot::cpu_path(3) + "online", "0");
    const Machine machine = build(snapshot);
    REQUIRE(machine.cpus.size() == 4);
    CHECK_FALSE(machine.cpus[3].online);
    CHECK_FALSE(machine.cpus[3].allowed);
    CHECK_FALSE(machine.cpus[3].core.has_value());
    CHECK(machine.cores[1].cpus == CpuSet{1});
}

TEST_CASE("a set that its own lowest CPU denies is dropped, not guessed at") {
    Snapshot snapshot = two_cores();
    snapshot.cpu(1, "a", "3", 7);  // CPU 0 says package 0-3; CPU 1 says 0-1: the lowest CPU is asked
    CHECK(build(snapshot).packages.size() == 1);
    snapshot.cpu(3, "b", "f");  // CPU 0 is no sibling of it by its own account; CPU 1 is
    CHECK(build(snapshot).cores[1].cpus == CpuSet{1, 3});
    snapshot.cpu(1, "2", "f");
    CHECK_FALSE(build(snapshot).cpus[3].core.has_value());
}

TEST_CASE("caches are one entry an instance, and unknown geometry stays unknown") {
    Snapshot snapshot = two_cores();
    for (int cpu : {0, 1, 2, 3}) {
        snapshot.cache(cpu, 0, 1, "Data", cpu % 2 == 0 ? "5" : "a", "48K");
        snapshot.cache(cpu, 1, 3, "Unified", "f", "24M");
        snapshot.file(Snapshot::cpu_path(cpu) + "cache/index1/ways_of_associativity", "0");
    }
    const Machine machine = build(snapshot);
    REQUIRE(machine.caches.size() == 3);
    CHECK(machine.caches[0].cpus == CpuSet{0, 2});
    CHECK(machine.caches[0].size_bytes == 48u << 10);
    CHECK(machine.caches[2].size_bytes == 24u << 20);
    CHECK_FALSE(machine.caches[2].ways.has_value());
}

TEST_CASE("core types: the kernel's lists, else a gap in speed, but not favoured cores") {
    Snapshot snapshot = two_cores();
    CHECK(build(snapshot).types.at(0).core_class == CoreClass::uniform);

    const auto frequency = [&](int cpu, const char* khz) {
        snapshot.file(Snapshot::cpu_path(cpu) + "cpufreq/cpuinfo_max_freq", khz);
    };
    frequency(0, "5800000"), frequency(1, "5500000"), frequency(2, "5800000"), frequency(3, "5500000");
    CHECK(build(snapshot).types.size() == 1);
    frequency(1, "4300000"), frequency(3, "4300000");
    const Machine by_frequency = build(snapshot);
    REQUIRE(by_frequency.types.size() == 2);
    CHECK(by_frequency.types[0].cpus == CpuSet{0, 2});
    CHECK(by_frequency.types[1].core_class == CoreClass::efficiency);

    snapshot.file("sys/devices/cpu_core/cpus", "1,3").file("sys/devices/cpu_atom/cpus", "0,2");
    const Machine named = build(snapshot);
    REQUIRE(named.types.size() == 2);
    CHECK(named.types[0].cpus == CpuSet{1, 3});
    CHECK(named.cores[0].type == torque::TypeId{1});
    CHECK(named.types[0].threads_per_core == 2);
}

TEST_CASE("the effective cpuset limits what is allowed, not what is online") {
    Snapshot snapshot = two_cores();
    snapshot.file("proc/self/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0");
    snapshot.file("proc/self/cgroup", "0::/box/inner");
    snapshot.file("sys/fs/cgroup/box/cpuset.cpus.effective", "1-3");
    snapshot.file("sys/fs/cgroup/box/cpu.max", "150000 100000")
        .file("sys/fs/cgroup/box/inner/cpu.max", "max 100000");
    const Machine machine = build(snapshot);
    CHECK_FALSE(machine.cpus[0].allowed);
    CHECK(machine.cpus[1].allowed);
    CHECK(machine.cpus[0].online);
    CHECK(machine.host.cgroup_cpus == CpuSet::range(1, 3));
    CHECK(machine.host.cpu_quota == 1.5);
}

TEST_CASE("cgroup v1 names its files in three ways") {
    for (const auto& [mount, file] :
         {std::pair("none /dev/cpuset cpuset rw 0 0", "dev/cpuset/a/cpus"),
          std::pair("c /dev/cpuset cgroup rw,cpuset,noprefix 0 0", "dev/cpuset/a/cpus"),
          std::pair("c /cg cgroup rw,cpuset 0 0", "cg/a/cpuset.effective_cpus")}) {
        Snapshot snapshot = two_cores();
        snapshot.file("proc/mounts", mount).file("proc/self/cpuset", "/a").file(file, "0-1");
        CHECK(build(snapshot).host.cgroup_cpus == CpuSet::range(0, 1));
    }
}

TEST_CASE("in a container the top of cgroup v1's mount is the container's group") {
    Snapshot snapshot = two_cores();
    snapshot.file("proc/mounts", "c /cg cgroup rw,cpuset 0 0").file("proc/self/cpuset", "/docker/0a1b");
    snapshot.file("cg/cpuset.cpus", "0-1");
    const Machine machine = build(snapshot);
    CHECK(machine.host.cgroup_cpus == CpuSet::range(0, 1));
    CHECK_FALSE(machine.cpus[2].allowed);
}

TEST_CASE("the kernel's word for a CPU without a name is none") {
    for (const char* name : {"06/07", "0f/6b", "unknown"}) {
        Snapshot snapshot = two_cores();
        snapshot.file("proc/cpuinfo", std::string("processor : 0\nmodel name : ") + name);
        CHECK_FALSE(build(snapshot).host.model.has_value());
    }
    Snapshot snapshot = two_cores();
    snapshot.file("proc/cpuinfo", "processor : 0\nmodel name : 82/A7");
    CHECK(build(snapshot).host.model == "82/A7");
}

TEST_CASE("where the kernel shows no tree, CPUID's stands in") {
    Snapshot snapshot;
    std::string info;
    std::vector<CpuidCpuRecords> records;
    for (int cpu = 0; cpu < 10; ++cpu) {
        info += "processor : " + std::to_string(cpu) + "\ncpu cores : 3\n\n";
        records.push_back({cpu, hybrid_cpu(cpu)});
    }
    Host host = snapshot.file("proc/cpuinfo", info).host();
    host.cpuid = std::make_unique<CountingSource>(records);
    const Machine machine = *torque::build_machine(host);
    REQUIRE(machine.cores.size() == 8);
    CHECK(machine.cores[0].cpus == CpuSet{0, 1});
    CHECK(machine.packages.size() == 1);
    CHECK(machine.cpus[1].smt == 1);
    CHECK(machine.cpus[9].core == torque::CoreId{7});
    REQUIRE(machine.types.size() == 3);
    CHECK(machine.types[0].threads_per_core == 2);
    const auto has_source = [&](const char* fact) {
        return std::any_of(machine.provenance.begin(), machine.provenance.end(),
                           [&](const torque::Provenance& row) { return row.fact == fact; });
    };
    CHECK(has_source("cores"));
    CHECK(has_source("caches"));
    const auto by_cpuid = [](const torque::Finding& finding) {
        return finding.message.ends_with("3 cores by /proc/cpuinfo, 8 by CPUID");
    };
    CHECK(std::any_of(machine.findings.begin(), machine.findings.end(), by_cpuid));

    records.pop_back();  // a tree of part of the machine would be none
    host.cpuid = std::make_unique<CountingSource>(records);
    CHECK(torque::build_machine(host)->cores.empty());
}

TEST_CASE("an APIC id that CPUID does not tell is the kernel's, and said to be") {
    Snapshot snapshot;
    snapshot.sys_cpu("online", "0-1").cpu(0, "1", "3").cpu(1, "2", "3");
    snapshot.file("proc/cpuinfo", "processor : 0\napicid : 0\n\nprocessor : 1\napicid : 8\n");
    using Rows = std::vector<std::string>;
    const auto sources = [&](std::vector<int> like, bool is_live) {
        std::vector<CpuidCpuRecords> records;
        for (std::size_t i = 0; i < like.size(); ++i) records.push_back({int(i), hybrid_cpu(like[i])});
        Host host = snapshot.host();
        host.is_live = is_live;
        host.cpuid = std::make_unique<CountingSource>(records);
        const Machine machine = *torque::build_machine(host);
        CHECK(machine.cpus[0].apic_id == 0U);
        CHECK(machine.cpus[1].apic_id == 8U);
        Rows rows;
        for (const torque::Provenance& row : machine.provenance) {
            if (row.fact.starts_with("cpus.apic_id")) rows.push_back(row.fact + ": " + row.source);
        }
        return rows;
    };
    const std::string by_cpuid = "cpus.apic_id: counting: leaf 0x1F";
    const std::string by_kernel = "cpus.apic_id that CPUID does not tell: /proc/cpuinfo";
    for (bool is_live : {true, false}) {
        CHECK(sources({0, 2}, is_live) == Rows{by_cpuid});
        CHECK(sources({0}, is_live) == Rows{by_cpuid, by_kernel});  // CPU 1 refused
    }
    CHECK(sources({0, 0}, true) == Rows{by_kernel});  // both have one id
    CHECK(sources({0, 0}, false) == Rows{"cpus.apic_id: /proc/cpuinfo"});
}

TEST_CASE("CPUs that a recording of CPUID leaves out are those that refused it") {
    Snapshot snapshot;
    snapshot.sys_cpu("online", "0-2")
        .sys_cpu("present", "0-3")
        .cpu(0, "1", "7")
        .cpu(1, "2", "7")
        .cpu(2, "4", "7");
    const auto refused = [&](int cpus) {
        std::vector<CpuidCpuRecords> records;
        for (int cpu = 0; cpu < cpus; ++cpu) records.push_back({cpu, hybrid_cpu(cpu)});
        Host host = snapshot.host();
        host.cpuid = std::make_unique<CountingSource>(records);
        const Machine machine = *torque::build_machine(host);
        for (const torque::Finding& finding : machine.findings) {
            if (finding.id == "cpuid-refused") return finding.message;
        }
        return std::string();
    };
    CHECK(refused(1) == "CPUID was not executed on CPUs 1-2");
    CHECK(refused(3).empty());
}

TEST_CASE("a CPU that refuses CPUID has its id from the kernel and the caches of its like") {
    Snapshot snapshot;
    snapshot.sys_cpu("online", "0-3").cpu(0, "3", "f").cpu(1, "3", "f").cpu(2, "c", "f").cpu(3, "c", "f");
    for (int cpu = 0; cpu < 4; ++cpu) snapshot.cache(cpu, 0, 1, "Data", cpu < 2 ? "3" : "c", "48K");
    snapshot.file("proc/cpuinfo",
                  "processor : 0\napicid : 0\n\nprocessor : 1\napicid : 1\n\nprocessor : 2\napicid : 8\n\n"
                  "processor : 3\napicid : 9\n");
    std::vector<CpuidCpuRecords> records;
    for (int cpu = 0; cpu < 4; ++cpu) records.push_back({cpu, hybrid_cpu(cpu)});
    Host host = snapshot.host();
    const auto built = [&](int refused) {
        auto source = std::make_unique<CountingSource>(records);
        source->refused = refused;
        host.cpuid = std::move(source);
        host.is_live = true;
        return *torque::build_machine(host);
    };
    const Machine one = built(0);
    CHECK(one.cpus[0].apic_id == 0U);
    REQUIRE(one.caches.size() == 2);
    CHECK(one.caches[0].inclusive.has_value());  // CPU 1 tells of the cache that it shares with CPU 0
    CHECK(built(2).cpus[2].apic_id == 8U);

    std::erase_if(records, [](const CpuidCpuRecords& cpu) { return cpu.cpu >= 2; });
    const Machine half = built(-1);
    CHECK(half.cpus[3].apic_id == 9U);
    REQUIRE(half.caches.size() == 2);
    CHECK(half.caches[1].ways == half.caches[0].ways);
    CHECK(half.caches[1].inclusive == half.caches[0].inclusive);
    CHECK(half.caches[1].inclusive.has_value());
}

TEST_CASE("NUMA nodes keep their numbers, their memory and their lack of it") {
    Snapshot snapshot = two_cores();
    const std::string node = "sys/devices/system/node/node";
    snapshot.file(node + "0/cpumap", "5").file(node + "0/meminfo", "Node 0 MemTotal:  1024 kB");
    snapshot.file(node + "8/cpumap", "a").file(node + "8/meminfo", "Node 8 MemTotal:  0 kB");
    snapshot.file(node + "9/cpumap", "0").file(node + "9/meminfo", "Node 9 MemTotal:  2048 kB");
    snapshot.file(node + "0/distance", "10 20 30").file(node + "8/distance", "21 10 30");
    CHECK_FALSE(build(snapshot).distances.has_value());  // a row is missing
    snapshot.file(node + "9/distance", "30 30 10");
    const Machine machine = build(snapshot);
    REQUIRE(machine.nodes.size() == 3);
    CHECK(machine.nodes[1].id == torque::NodeId{8});
    CHECK(machine.nodes[1].memory_bytes == 0u);
    CHECK(machine.nodes[2].cpus.empty());
    CHECK(machine.nodes[2].memory_bytes == 2u << 20);
    CHECK(machine.cpus[1].node == torque::NodeId{8});
    REQUIRE(machine.distances.has_value());
    CHECK(machine.distances->matrix[1][0] == 21);
}

TEST_CASE("the two cores of a Bulldozer compute unit are no SMT siblings") {
    Snapshot snapshot = two_cores();
    for (int cpu : {0, 1, 2, 3}) {
        snapshot.cache(cpu, 0, 1, "Data", std::string(1, "1248"[cpu]), "16K");
        snapshot.cache(cpu, 1, 1, "Instruction", cpu % 2 == 0 ? "5" : "a", "64K");
    }
    CHECK(build(snapshot).cores.size() ==
          2);  // any other family: the kernel is right, the caches a guest's fiction
    snapshot.file("proc/cpuinfo",
                  "processor : 0\nvendor_id : AuthenticAMD\ncpu family : 21\nmodel name : Opteron\n");
    const Machine machine = build(snapshot);
    REQUIRE(machine.cores.size() == 4);
    CHECK(machine.cpus[2].core == torque::CoreId{2});
    CHECK(machine.types.at(0).threads_per_core == 1);
    REQUIRE(machine.findings.size() == 1);
    CHECK(machine.findings[0].id == "amd-compute-units");
}

TEST_CASE("the fingerprint depends on what a layout names, and on nothing that changes by the day") {
    const std::string before = build(two_cores()).fingerprint;
    Snapshot snapshot = two_cores();
    snapshot.file("proc/meminfo", "MemTotal: 4096 kB").file("proc/version", "Linux version 9.9");
    CHECK(build(snapshot).fingerprint == before);
    snapshot.cpu(0, "1", "f").cpu(2, "4", "f");
    CHECK(build(snapshot).fingerprint != before);
}
