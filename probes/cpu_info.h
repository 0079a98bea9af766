// What /proc/cpuinfo tells of each CPU: the second-best source, for machines and snapshots without CPUID.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sys/dir.h"

namespace torque {

struct CpuInfo {
    int cpu = 0;
    std::optional<std::string> vendor;  // vendor_id, or the Arm implementer's code
    std::optional<std::string> brand;   // "model name", "cpu", "uarch" or "CPU part", by architecture
    std::optional<int> family, model, stepping;
    std::optional<std::uint32_t> apic_id;  // x86
    std::optional<std::string> arch;       // "x86_64", "aarch64", where the form of the entry tells
    bool hypervisor = false;               // the flag of that name
    std::optional<int> package_cpus;       // "siblings": CPUs of its package that are online
    std::optional<int> package_cores;      // "cpu cores" of its package
};

// One entry a CPU, in the file's order. Its format differs by architecture; unknown lines are passed over.
std::vector<CpuInfo> read_cpu_info(const Dir& root);

}  // namespace torque
