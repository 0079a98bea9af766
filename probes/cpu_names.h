// The code name of a CPU and the names of its features, by libcpuid's tables.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sys/cpuid_source.h"

namespace torque {

struct CpuNames {
    std::optional<std::string> codename;  // "Alder Lake-P"; absent where the tables do not hold the CPU
    std::vector<std::string>
        features;  // as libcpuid spells them ("avx2"), which is mostly as /proc/cpuinfo does
};

// Of the selected CPU; nothing where the program was built without those tables, as for anything but x86.
// Beside the leaves that read_cpuid() asks for, it needs leaf 7 and 0x80000007 and 8.
CpuNames read_cpu_names(const CpuidSource& source);

// "libcpuid 0.6.2": whose tables those are; absent without any.
std::optional<std::string> cpu_names_source();

}  // namespace torque
