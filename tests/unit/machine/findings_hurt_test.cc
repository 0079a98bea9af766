// States and settings that will cost somebody time.
#include <string>

#include "catch.h"
#include "unit/machine/healthy.h"
#include "unit/machine/snapshot.h"

using namespace findings_of_machines;

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

TEST_CASE("how to switch SMT on is said where the kernel says that it is off") {
    const auto hint = [](const char* smt_control) {
        Snapshot snapshot = two_cpus();
        snapshot.sys_cpu("present", "0-3").sys_cpu("cpu2/online", "0").sys_cpu("cpu3/online", "0");
        if (smt_control != nullptr) snapshot.sys_cpu("smt/control", smt_control);
        return the_only(build(snapshot).findings, "cpus-offline").hint;
    };
    const std::string plain = hint(nullptr);
    CHECK(plain.ends_with("chcpu --enable 2-3"));
    CHECK(hint("off") == plain + ", or where that is refused: echo on > /sys/devices/system/cpu/smt/control");
    CHECK(hint("forceoff") == plain + ", or where that is refused: boot without nosmt=force");
    for (const char* no_smt : {"on", "notsupported", "notimplemented", "\x1b[31moff"})
        CHECK(hint(no_smt) == plain);
}

TEST_CASE("a hybrid of one unnamed type has no siblings missing") {
    Machine machine = healthy();
    for (std::size_t core : {1U, 2U, 3U}) {
        machine.cores[core].cpus = CpuSet{machine.cores[core].cpus.first()};
    }
    CHECK(findings_of(machine).empty());
    machine.cpus[7].online = false;
    machine.cpus[7].core.reset();
    const Machine numbered = machine;
    // One offline CPU cannot be three missing siblings, and by its APIC id it is one of them.
    for (torque::Cpu& cpu : machine.cpus) cpu.apic_id.reset();
    CHECK(ids_of(findings_of(machine)) == std::set<std::string>{"cpus-offline"});

    const Finding finding = the_only(findings_of(numbered), "smt-sibling-offline");
    CHECK(contains(finding.message, "1 core lacks"));
    CHECK(contains(finding.message, "CPU 6 runs alone, offline: CPU 7"));
}

TEST_CASE("an isolated set that splits a core is a finding") {
    Machine machine = healthy();
    machine.host.isolated = CpuSet::range(3, 7);
    const Finding finding = the_only(findings_of(machine), "isolated-split-core");
    CHECK(contains(finding.message, "split 1 core: CPU 3 is isolated, not the siblings CPU 2"));
    machine.host.isolated = CpuSet::range(2, 7);
    CHECK(findings_of(machine).empty());
}

TEST_CASE("a boot line that hides a part of the machine is a finding") {
    Machine machine = healthy();
    const auto raised = [&](const char* line) {
        machine.host.cmdline = line;
        const auto findings = findings_of(machine);
        return findings.empty() ? std::string() : the_only(findings, "boot-line-hides").message;
    };
    CHECK(contains(raised("ro numa=off quiet nosmp"), ": numa=off (NUMA nodes), nosmp (all CPUs but one)"));
    CHECK(contains(raised("numa=fake=4U"), "numa=fake=4U (NUMA nodes, by made-up ones)"));
    CHECK(contains(raised("mem=4G"), "mem=4G (memory beyond that)"));
    CHECK(contains(raised("nr_cpus=8"), "nr_cpus=8"));  // as many as the machine has
    CHECK(raised("nr_cpus=64 possible_cpus=4 maxcpus=8").empty());
    CHECK(raised("ro quiet numa=on acpi=force nosmpx x=nosmp -- nosmp").empty());
    CHECK(raised("").empty());
    machine.host.possible = CpuSet::range(0, 63);
    CHECK(raised("possible_cpus=64").empty());
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
