// add_findings(): what a user should know of a machine: contradictions, doubtful claims, what will hurt.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/offline_siblings.h"
#include "torque/machine.h"

namespace torque {

// What the checks look at. Either view is a machine without CPUs where there was no such source.
struct Evidence {
    const Machine& machine;        // as joined from the views
    const Machine& kernel;         // machine_from_sysfs()
    const Machine& cpuid;          // machine_from_cpuid()
    std::string_view smt_control;  // the kernel's word, "off" or "notsupported"; empty where it has none
    OfflineSiblings offline;       // place_offline() of the machine
};

// A finding but for what is the same each time.
struct Said {
    std::string message;
    std::string hint;
    std::vector<std::string> sources;
};

// One kind of finding. It is raised at most once: what holds for many CPUs or nodes is said of all of them.
struct Check {
    const char* id;  // kebab-case; each is in torque-findings(7)
    Severity severity;
    std::optional<Said> (*look)(const Evidence& evidence);
};

// All kinds, in the order in which they are raised. compute_units.h and from_cpuid.h raise some of their own.
std::vector<Check> checks();

// Appends the findings of all checks to those that the machine has. A check whose facts are unknown is
// silent.
void add_findings(const Machine& kernel, const Machine& cpuid, Machine& machine,
                  std::string_view smt_control = {});

}  // namespace torque
