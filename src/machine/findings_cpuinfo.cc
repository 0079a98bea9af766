#include "machine/findings_cpuinfo.h"

#include <map>
#include <string>

#include "machine/findings_checks.h"

namespace torque {
namespace {

struct Counts {
    int cpus = 0, cores = 0;
};

std::map<PackageId, Counts> count_packages(const Machine& machine) {
    std::map<PackageId, Counts> counts;
    for (const Package& package : machine.packages) counts[package.id].cpus = package.cpus.count();
    for (const Core& core : machine.cores) {
        if (core.package) ++counts[*core.package].cores;
    }
    return counts;
}

bool differ(const std::optional<int>& told, int counted) {
    return told && *told > 0 && counted > 0 && *told != counted;
}

}  // namespace

void find_cpuinfo_differences(const std::vector<CpuInfo>& info, Machine& machine) {
    std::map<int, PackageId> package_of;
    for (const Cpu& cpu : machine.cpus) {
        if (!cpu.online) return;
        if (cpu.package) package_of.emplace(cpu.id.value, *cpu.package);
    }
    std::map<PackageId, Counts> counts = count_packages(machine);
    const std::string source = findings::source_of(machine, "cores", "/sys/devices/system/cpu/cpu*/topology");
    const std::string tree_name = source.starts_with("/sys/") ? "sysfs" : "CPUID";
    CpuSet unlike;
    std::string example;
    for (const CpuInfo& one : info) {
        const auto package = package_of.find(one.cpu);
        if (package == package_of.end()) continue;
        const Counts& tree = counts[package->second];
        const bool cpus_differ = differ(one.package_cpus, tree.cpus);
        const bool cores_differ = differ(one.package_cores, tree.cores);
        if (!cpus_differ && !cores_differ) continue;
        if (unlike.empty()) {
            example = "package " + std::to_string(package->second.value) + " has " +
                      (cpus_differ ? findings::counted(*one.package_cpus, "CPU")
                                   : findings::counted(*one.package_cores, "core")) +
                      " by /proc/cpuinfo, " + std::to_string(cpus_differ ? tree.cpus : tree.cores) + " by " +
                      tree_name;
        }
        unlike.add(one.cpu);
    }
    if (unlike.empty()) return;
    machine.findings.push_back(
        {"cpuinfo-sysfs-topology",
         Severity::warning,
         "/proc/cpuinfo and " + tree_name + " count the CPUs or cores of a package differently on " +
             findings::cpus_text(unlike) + ": " + example,
         tree_name +
             " is used; programs that count by /proc/cpuinfo will differ: an old kernel, a hypervisor or an "
             "emulation is the cause",
         {"/proc/cpuinfo: siblings, cpu cores", findings::source_of(machine, "packages", source)}});
}

}  // namespace torque
