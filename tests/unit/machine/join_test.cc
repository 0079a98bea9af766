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
