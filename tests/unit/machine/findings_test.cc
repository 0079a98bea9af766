#include "machine/findings.h"

#include <algorithm>
#include <set>
#include <string>

#include "catch.h"
#include "machine/build.h"
#include "unit/machine/healthy.h"
#include "unit/machine/snapshot.h"

using namespace findings_of_machines;

TEST_CASE("a healthy machine raises nothing, whatever its sources") {
    const Machine machine = healthy();
    CHECK(findings_of(machine).empty());
    CHECK(findings_of(machine, machine, machine).empty());
    CHECK(findings_of(Machine{}).empty());
}

TEST_CASE("a guest in good order is told that it is one, and nothing else") {
    const Finding finding = the_only(findings_of(guest()), "vm-guest");
    CHECK(finding.severity == torque::Severity::info);
    CHECK(contains(finding.message, "KVM"));
    CHECK(contains(finding.message, "64 cores, a package here 4"));
    CHECK(contains(finding.message, "no SMT"));
    Machine unnamed = guest();
    unnamed.host.hypervisor.reset();
    unnamed.findings.push_back({"cpuid-hypervisor-unnamed", torque::Severity::info, "m", "h", {"s"}});
    CHECK(ids_of(findings_of(unnamed)) == std::set<std::string>{"cpuid-hypervisor-unnamed", "vm-guest"});
}

TEST_CASE("findings that the machine has already stay in front") {
    Machine machine = healthy();
    machine.findings.push_back({"amd-compute-units", torque::Severity::info, "m", "h", {"s"}});
    machine.host.limits.io_uring_disabled = 2;
    torque::add_findings({}, {}, machine);
    REQUIRE(machine.findings.size() == 2);
    CHECK(machine.findings[0].id == "amd-compute-units");
    CHECK(machine.findings[1].id == "io-uring-disabled");
}

TEST_CASE("cores and packages that CPUID sees otherwise are findings") {
    const Machine kernel = healthy();
    Machine cpuid = healthy();
    cpuid.host.source = "a dump";
    SECTION("cores") {
        cpuid.cores[1].cpus = {2};
        cpuid.cores.push_back({CoreId{4}, 4, PackageId{0}, std::nullopt, std::nullopt, {3}});
        const Finding finding = the_only(findings_of(kernel, kernel, cpuid), "cpuid-sysfs-cores");
        CHECK(contains(finding.message, "4 cores, CPUID of 5"));
        CHECK(contains(finding.message, "CPUs 2-3 by the kernel, CPU 2 by CPUID"));
        CHECK(finding.sources[1] == "a dump");
    }
    SECTION("packages") {
        cpuid.packages = {{PackageId{0}, CpuSet::range(0, 7)}};
        const Finding finding = the_only(findings_of(kernel, kernel, cpuid), "cpuid-sysfs-packages");
        CHECK(contains(finding.message, "2 packages, CPUID of 1"));
    }
    SECTION("the kernel calls the cores of a Bulldozer unit threads: another finding tells of it") {
        cpuid.types[0].family = 0x15;
        cpuid.cores.clear();
        for (int cpu = 0; cpu < 8; ++cpu) {
            cpuid.cores.push_back({CoreId{cpu}, cpu, PackageId{0}, std::nullopt, std::nullopt, {cpu}});
        }
        CHECK(findings_of(kernel, kernel, cpuid).empty());
    }
}

TEST_CASE("CPUs that one source lacks are no contradiction") {
    const Machine cpuid = healthy();
    Machine kernel = healthy();
    switch_off(kernel, 3);
    kernel.packages[0].cpus.remove(3);
    for (Cache& cache : kernel.caches) cache.cpus.remove(3);
    const std::set<std::string> ids = ids_of(findings_of(kernel, kernel, cpuid));
    CHECK(ids == std::set<std::string>{"smt-sibling-offline"});

    Machine refused = healthy();  // CPUID could be asked on the first package only
    refused.cores.resize(2);
    refused.packages.resize(1);
    refused.cpus.resize(4);
    std::erase_if(refused.caches, [](const Cache& cache) { return cache.cpus.first() >= 4; });
    CHECK(findings_of(cpuid, cpuid, refused).empty());
}

TEST_CASE("caches that differ between the kernel and CPUID are one finding") {
    const Machine kernel = healthy();
    Machine cpuid = healthy();
    SECTION("in size") {
        for (Cache& cache : cpuid.caches) cache.size_bytes = cache.level == 3 ? 16 * kMiB : kMiB;
        const Finding finding = the_only(findings_of(kernel, kernel, cpuid), "cpuid-sysfs-cache");
        CHECK(contains(finding.message, "2 caches differ"));
        CHECK(contains(finding.message,
                       "an L3 cache has 32 MiB for CPUs 0-3 by the kernel, 16 MiB for CPUs 0-3 by CPUID"));
    }
    SECTION("in who shares them") {
        cpuid.caches[0].cpus = {0};
        const Finding finding = the_only(findings_of(kernel, kernel, cpuid), "cpuid-sysfs-cache");
        CHECK(contains(finding.message, "1 cache differs"));
    }
    SECTION("a size that one does not tell is no difference") {
        for (Cache& cache : cpuid.caches) cache.size_bytes.reset();
        CHECK(findings_of(kernel, kernel, cpuid).empty());
    }
    SECTION("nor is a cache that one does not list") {
        cpuid.caches.resize(1);
        CHECK(findings_of(kernel, kernel, cpuid).empty());
    }
}

TEST_CASE("APIC ids that differ are a finding, eight bits of an id are none") {
    const Machine kernel = healthy();
    Machine cpuid = healthy();
    cpuid.cpus[2].apic_id = 18;
    cpuid.cpus[3].apic_id = 19;
    const Finding finding = the_only(findings_of(kernel, kernel, cpuid), "apic-id-mismatch");
    CHECK(contains(finding.message, "CPUs 2-3"));
    CHECK(contains(finding.message, "2 and 18 on CPU 2"));

    Machine wide = healthy();
    wide.cpus[2].apic_id = 0x102;
    CHECK(findings_of(wide, wide, healthy()).empty());
}

TEST_CASE("nodes whose memory is not the machine's are a finding") {
    Machine machine = healthy();
    machine.host.memory_bytes = 64 * kGiB;
    const Finding finding = the_only(findings_of(machine), "node-memory-total");
    CHECK(contains(finding.message, "31 GiB of memory together, the machine has 64 GiB"));

    machine.host.memory_bytes = 32 * kGiB;  // 3 % more
    CHECK(findings_of(machine).empty());
    machine.host.memory_bytes = 64 * kGiB;
    machine.nodes[1].memory_bytes.reset();
    CHECK(findings_of(machine).empty());
    machine.nodes[0].memory_bytes = machine.nodes[1].memory_bytes = UINT64_MAX;  // hostile
    CHECK(findings_of(machine).empty());
}

TEST_CASE("a package for each CPU of a guest is a finding") {
    Machine machine = guest();
    machine.packages.clear();
    for (int cpu = 0; cpu < 4; ++cpu) {
        machine.packages.push_back({PackageId{cpu}, {cpu}});
        const auto at = static_cast<std::size_t>(cpu);
        machine.cpus[at].package = machine.cores[at].package = PackageId{cpu};
    }
    CHECK(contains(of_guest(machine, "vm-socket-per-vcpu").message, "each of the 4 CPUs"));
    machine.host.hypervisor.reset();  // four old uniprocessors
    CHECK(findings_of(machine).empty());
}

TEST_CASE("a guest with more cores than its brand's processor has is a finding") {
    Machine machine = guest();
    for (const char* brand : {"AMD EPYC 1234 2-Core Processor", "Some(tm) Dual-Core Processor"}) {
        machine.host.model = brand;
        CHECK(contains(of_guest(machine, "vm-brand-topology").message,
                       "4 cores, but the processor that the brand names has 2"));
    }
    for (const char* brand : {"AMD EPYC 1234 4-Core Processor", "x-Core", "-Core", "0-Core",
                              "99999999999999999999-Core", "Xeon", ""}) {
        machine.host.model = brand;
        CHECK(ids_of(findings_of(machine)) == std::set<std::string>{"vm-guest"});
    }
}

TEST_CASE("an L3 for each core of a guest is a finding") {
    Machine machine = guest();
    machine.caches.clear();
    for (int cpu = 0; cpu < 4; ++cpu) machine.caches.push_back(cache(3, 16 * kMiB, {cpu}));
    CHECK(contains(of_guest(machine, "vm-l3-per-vcpu").message, "each of the 4 cores"));
    machine.caches.pop_back();  // not each any more
    CHECK(ids_of(findings_of(machine)) == std::set<std::string>{"vm-guest"});
}

TEST_CASE("a guest without caches is a finding, an old machine without is not") {
    Machine machine = guest();
    machine.caches.clear();
    of_guest(machine, "vm-no-caches");
    machine.host.hypervisor.reset();
    CHECK(findings_of(machine).empty());
}

TEST_CASE("a guest's node that overlaps a package is a finding") {
    Machine machine = healthy();
    machine.host.hypervisor = "KVM";
    CHECK(ids_of(findings_of(machine)) == std::set<std::string>{"vm-guest"});
    machine.cpus[3].node = NodeId{1};
    machine.nodes[0].cpus.remove(3);
    machine.nodes[1].cpus.add(3);
    CHECK(
        contains(of_guest(machine, "vm-numa-crosses-packages").message, "node 1 and package 0 share 1 CPU"));
}

TEST_CASE("a machine that is built has its findings") {
    Snapshot snapshot;
    snapshot.sys_cpu("online", "0-2").sys_cpu("present", "0-3").sys_cpu("isolated", "2");
    snapshot.cpu(0, "3", "7").cpu(1, "3", "7").cpu(2, "4", "7");
    const auto machine = torque::build_machine(snapshot.host());
    REQUIRE(machine.has_value());
    the_only(machine->findings, "smt-sibling-offline");
}

TEST_CASE("long lists of CPUs do not make long sentences") {
    Machine machine = healthy();
    for (int number = 9; number < 4096; number += 2) {
        torque::Cpu cpu;
        cpu.id = CpuId{number};
        cpu.online = cpu.allowed = false;
        machine.cpus.push_back(cpu);
    }
    const Finding finding = the_only(findings_of(machine), "cpus-offline");
    CHECK(finding.message.size() < 250);
    CHECK(contains(finding.message, ",..."));
}
