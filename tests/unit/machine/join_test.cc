#include "machine/join.h"

#include "catch.h"

using torque::Machine;

namespace {

Machine with_findings(std::initializer_list<const char*> ids) {
    Machine machine;
    for (const char* id : ids) machine.findings.push_back({id, torque::Severity::info, "", "", {}});
    return machine;
}

}  // namespace

TEST_CASE("what CPUID's view says of itself stays beside sysfs, but for what is about its tree") {
    const Machine cpuid = with_findings({"cpuid-no-apic-ids", "cpuid-refused", "cpuid-partial",
                                         "cpuid-tlb-reports", "cpuid-hypervisor-unnamed"});
    const Machine joined = torque::join(with_findings({"of-the-kernel"}), cpuid);
    CHECK(joined.findings ==
          with_findings({"of-the-kernel", "cpuid-refused", "cpuid-tlb-reports", "cpuid-hypervisor-unnamed"})
              .findings);
    CHECK(torque::join(Machine{}, Machine{}).findings.empty());
}

TEST_CASE("that CPUID was read on some CPUs only is said where its tree or its caches stand in") {
    Machine kernel, cpuid = with_findings({"cpuid-partial"});
    kernel.host.online = torque::CpuSet{0};
    kernel.cpus.resize(1);
    cpuid.cpus.resize(1);
    torque::Core core;
    core.cpus = torque::CpuSet{0};
    torque::Cache cache;
    cache.cpus = torque::CpuSet{0};
    CHECK(torque::join(kernel, cpuid).findings.empty());

    Machine with_tree = cpuid, with_cache = cpuid;
    with_tree.cores.push_back(core);
    with_cache.caches.push_back(cache);
    CHECK(torque::join(kernel, with_tree).findings == cpuid.findings);
    CHECK(torque::join(kernel, with_cache).findings == cpuid.findings);

    kernel.cores.push_back(core);
    kernel.caches.push_back(cache);
    CHECK(torque::join(kernel, with_tree).findings.empty());
    CHECK(torque::join(kernel, with_cache).findings.empty());
}
