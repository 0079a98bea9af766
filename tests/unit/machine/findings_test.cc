#include "machine/findings.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "catch.h"
#include "machine/build.h"
#include "unit/machine/snapshot.h"

using torque::Cache;
using torque::CacheType;
using torque::CoreId;
using torque::CpuId;
using torque::CpuSet;
using torque::Finding;
using torque::Machine;
using torque::NodeId;
using torque::PackageId;

namespace {

constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB, kGiB = 1024 * kMiB;

void place(Machine& machine, const CpuSet& cpus, int package, int node) {
    const CoreId id{static_cast<int>(machine.cores.size())};
    machine.cores.push_back({id, id.value, PackageId{package}, std::nullopt, torque::TypeId{0}, cpus});
    for (int number : cpus) {
        torque::Cpu& cpu = machine.cpus[static_cast<std::size_t>(number)];
        cpu.core = id;
        cpu.package = PackageId{package};
        cpu.node = NodeId{node};
    }
}

Cache cache(int level, std::uint64_t size_bytes, const CpuSet& cpus) {
    Cache cache;
    cache.level = level;
    cache.size_bytes = size_bytes;
    cache.cpus = cpus;
    return cache;
}

// Bare metal, in good health: two packages, each a node with an L3 and two cores of two threads.
Machine healthy() {
    Machine machine;
    machine.host.model = "AMD EPYC 1234 2-Core Processor";
    machine.host.source = "a test";
    machine.host.online = machine.host.possible = CpuSet::range(0, 7);
    machine.host.memory_bytes = 31 * kGiB;
    machine.host.limits = {1024, 524'288, 8 * kMiB, 100'000, 0};
    for (int number = 0; number < 8; ++number) {
        torque::Cpu cpu;
        cpu.id = CpuId{number};
        cpu.apic_id = static_cast<std::uint32_t>(number);
        machine.cpus.push_back(cpu);
    }
    torque::CoreType type;
    type.vendor = "AuthenticAMD";
    type.family = 0x19;
    type.cpus = machine.host.online;
    machine.types.push_back(type);
    for (int core = 0; core < 4; ++core) {
        const CpuSet cpus = CpuSet::range(2 * core, 2 * core + 1);
        place(machine, cpus, core / 2, core / 2);
        machine.caches.push_back(cache(2, kMiB, cpus));
    }
    for (int package = 0; package < 2; ++package) {
        const CpuSet cpus = CpuSet::range(4 * package, 4 * package + 3);
        machine.packages.push_back({PackageId{package}, cpus});
        machine.caches.push_back(cache(3, 32 * kMiB, cpus));
        torque::Node node;
        node.id = NodeId{package};
        node.cpus = cpus;
        node.memory_bytes = 15 * kGiB + 512 * kMiB;
        machine.nodes.push_back(node);
    }
    machine.distances = torque::Distances{{NodeId{0}, NodeId{1}}, {{10, 21}, {21, 10}}};
    torque::Device nic;
    nic.kind = "network";
    nic.address = "0000:01:00.0";
    nic.name = "eth0";
    nic.node = NodeId{1};
    nic.queues = 2;
    machine.devices.push_back(nic);
    return machine;
}

// Four CPUs that a hypervisor shows as four cores of one package, as it should.
Machine guest() {
    Machine machine = healthy();
    machine.host.hypervisor = "KVM";
    machine.host.model = "AMD EPYC 1234 64-Core Processor";
    machine.host.online = CpuSet::range(0, 3);
    machine.host.memory_bytes = 15 * kGiB + 512 * kMiB;
    machine.cpus.resize(4);
    machine.cores.clear();
    for (int cpu = 0; cpu < 4; ++cpu) place(machine, {cpu}, 0, 0);
    machine.packages = {{PackageId{0}, CpuSet::range(0, 3)}};
    machine.caches = {cache(3, 32 * kMiB, CpuSet::range(0, 3))};
    machine.nodes.resize(1);
    machine.distances.reset();
    return machine;
}

void switch_off(Machine& machine, int number) {
    torque::Cpu& cpu = machine.cpus[static_cast<std::size_t>(number)];
    cpu.online = cpu.allowed = false;
    machine.cores[static_cast<std::size_t>(cpu.core->value)].cpus.remove(number);
    machine.host.online.remove(number);
    cpu.core.reset();
}

std::vector<Finding> findings_of(Machine machine, const Machine& kernel = {}, const Machine& cpuid = {}) {
    torque::add_findings(kernel, cpuid, machine);
    return machine.findings;
}

std::set<std::string> ids_of(const std::vector<Finding>& findings) {
    std::set<std::string> ids;
    for (const Finding& finding : findings) ids.insert(finding.id);
    return ids;
}

// The only finding, which must be `id`.
Finding the_only(const std::vector<Finding>& findings, const std::string& id) {
    REQUIRE(ids_of(findings) == std::set<std::string>{id});
    REQUIRE(findings.size() == 1);
    CHECK_FALSE(findings[0].message.empty());
    CHECK_FALSE(findings[0].hint.empty());
    CHECK_FALSE(findings[0].sources.empty());
    for (const std::string& source : findings[0].sources) CHECK_FALSE(source.empty());
    return findings[0];
}

// The finding `id` of a guest; others than "vm-guest" must be absent.
Finding of_guest(const Machine& machine, const std::string& id) {
    std::vector<Finding> findings = findings_of(machine);
    CHECK(ids_of(findings).count("vm-guest") == 1);
    std::erase_if(findings, [](const Finding& finding) { return finding.id == "vm-guest"; });
    return the_only(findings, id);
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

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

TEST_CASE("offline siblings are told apart from other offline CPUs") {
    Machine machine = healthy();
    switch_off(machine, 3);
    switch_off(machine, 5);
    const Finding finding = the_only(findings_of(machine), "smt-sibling-offline");
    CHECK(contains(finding.message, "2 cores lack an SMT sibling"));
    CHECK(contains(finding.message, "CPUs 2,4 run alone, offline: CPUs 3,5"));

    Machine without_core = healthy();
    switch_off(without_core, 6);
    switch_off(without_core, 7);
    std::erase_if(without_core.cores, [](const torque::Core& core) { return core.cpus.empty(); });
    CHECK(contains(the_only(findings_of(without_core), "cpus-offline").message, "CPUs 6-7 are offline"));
    CHECK_FALSE(contains(the_only(findings_of(without_core), "cpus-offline").hint, "smt/control"));

    switch_off(without_core, 1);
    const std::vector<Finding> both = findings_of(without_core);
    CHECK(ids_of(both) == std::set<std::string>{"cpus-offline", "smt-sibling-offline"});
    const auto said = [&](const char* id) {
        return *std::find_if(both.begin(), both.end(), [&](const Finding& one) { return one.id == id; });
    };
    CHECK(contains(said("smt-sibling-offline").message, "CPU 0 runs alone, offline: CPU 1"));
    CHECK(contains(said("smt-sibling-offline").hint, "--enable 1)"));
    CHECK(contains(said("cpus-offline").message, "CPUs 6-7 are offline"));
}

TEST_CASE("where no core has a second thread, SMT may be switched off") {
    Machine machine = healthy();
    for (int cpu : {1, 3, 5, 7}) switch_off(machine, cpu);
    const std::string hint = the_only(findings_of(machine), "cpus-offline").hint;
    CHECK(contains(hint, "chcpu --enable 1,3,5,7, or where that is refused: echo on > "));
}

TEST_CASE("a hybrid of one unnamed type has no siblings missing") {
    Machine machine = healthy();
    for (std::size_t core : {1U, 2U, 3U}) {
        machine.cores[core].cpus = CpuSet{machine.cores[core].cpus.first()};
    }
    CHECK(findings_of(machine).empty());
    machine.cpus[7].online = false;  // one offline CPU cannot be three missing siblings
    CHECK(ids_of(findings_of(machine)) == std::set<std::string>{"cpus-offline"});
}

TEST_CASE("an isolated set that splits a core is a finding") {
    Machine machine = healthy();
    machine.host.isolated = CpuSet::range(3, 7);
    const Finding finding = the_only(findings_of(machine), "isolated-split-core");
    CHECK(contains(finding.message, "split 1 core: CPU 3 is isolated, not the siblings CPU 2"));
    machine.host.isolated = CpuSet::range(2, 7);
    CHECK(findings_of(machine).empty());
}

TEST_CASE("nohz_full without isolation is a finding") {
    Machine machine = healthy();
    machine.host.nohz_full = CpuSet::range(4, 7);
    machine.host.isolated = CpuSet::range(4, 5);
    CHECK(contains(the_only(findings_of(machine), "nohz-full-not-isolated").message, "CPUs 6-7"));
    machine.host.isolated = CpuSet::range(4, 7);
    CHECK(findings_of(machine).empty());
}

TEST_CASE("a cpuset that splits cores is a finding") {
    Machine machine = healthy();
    machine.host.cgroup_cpus = CpuSet{0, 2, 4, 5};
    const Finding finding = the_only(findings_of(machine), "cpuset-splits-core");
    CHECK(contains(finding.message, "splits 2 cores: CPUs 0,2 are in it, not the siblings CPUs 1,3"));
    machine.host.cgroup_cpus = CpuSet{0, 1, 4, 5};
    CHECK(findings_of(machine).empty());
}

TEST_CASE("a quota below the CPUs that it is for is a finding") {
    Machine machine = healthy();
    machine.host.cpu_quota = 1.5;
    CHECK(contains(the_only(findings_of(machine), "cpu-quota-below-cpus").message,
                   "1.5 CPUs' worth of time on 8 CPUs"));
    machine.host.cpu_quota = 2.25;
    CHECK(contains(findings_of(machine)[0].message, " 2.25 CPUs"));
    machine.host.cpu_quota = 0.05;
    CHECK(contains(findings_of(machine)[0].message, " 0.05 CPUs"));
    for (torque::Cpu& cpu : machine.cpus) cpu.allowed = cpu.id.value < 2;
    machine.host.cpu_quota = 2;
    CHECK(findings_of(machine).empty());
}

TEST_CASE("nodes that lack memory or CPUs are findings") {
    Machine machine = healthy();
    machine.nodes[1].memory_bytes = 0;
    machine.host.memory_bytes = machine.nodes[0].memory_bytes;
    CHECK(contains(the_only(findings_of(machine), "node-without-memory").message, "node 1 has CPUs"));

    Machine expander = healthy();
    torque::Node node;
    for (int id = 2; id < 5; ++id) {
        node.id = NodeId{id};
        node.memory_bytes = id == 4 ? 0 : kGiB / 2;  // node 4 has neither: nothing to say
        expander.nodes.push_back(node);
    }
    CHECK(contains(the_only(findings_of(expander), "node-without-cpus").message, "nodes 2-3 have memory"));
}

TEST_CASE("distances that depend on the direction are a finding") {
    Machine machine = healthy();
    machine.distances->matrix[0][1] = 31;
    CHECK(contains(the_only(findings_of(machine), "distances-asymmetric").message,
                   "31 from node 0 to 1, 21 back"));
    machine.distances->matrix[1].pop_back();  // hostile: no square
    CHECK(findings_of(machine).empty());
}

TEST_CASE("a NIC that tells no node matters on a machine with several") {
    Machine machine = healthy();
    machine.devices[0].node.reset();
    CHECK(contains(the_only(findings_of(machine), "nic-without-locality").message,
                   "1 network device of this machine of 2 nodes does not tell"));
    machine.devices[0].address.clear();  // on no bus that could tell
    CHECK(findings_of(machine).empty());
    Machine single = guest();
    single.devices[0].node.reset();
    CHECK(ids_of(findings_of(single)) == std::set<std::string>{"vm-guest"});
}

TEST_CASE("more receive queues than CPUs are a finding") {
    Machine machine = healthy();
    machine.devices[0].queues = 63;
    CHECK(contains(the_only(findings_of(machine), "more-queues-than-cpus").message,
                   "8 CPUs online: eth0 has 63"));
    machine.devices[0].queues.reset();
    CHECK(findings_of(machine).empty());
}

TEST_CASE("limits that stop a server are findings") {
    Machine machine = healthy();
    machine.host.limits.nofile_hard = 4096;
    CHECK(contains(the_only(findings_of(machine), "nofile-limit-low").message, "4096"));
    machine.host.limits.nofile_hard = 65'536;
    CHECK(findings_of(machine).empty());
    machine.host.limits.nofile_hard.reset();  // unlimited
    CHECK(findings_of(machine).empty());

    machine.host.limits.io_uring_disabled = 1;
    CHECK(contains(the_only(findings_of(machine), "io-uring-disabled").message, "privileged"));
    machine.host.limits.io_uring_disabled = 2;
    CHECK(contains(the_only(findings_of(machine), "io-uring-disabled").message, "off"));
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
