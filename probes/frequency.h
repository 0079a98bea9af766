// Where cpufreq is told to stay below what the CPUs can do.
#pragma once

#include <cstdint>
#include <vector>

#include "sys/dir.h"
#include "torque/machine.h"

namespace torque {

struct FrequencyLimit {
    int cpu = 0;
    std::uint64_t limit_khz = 0, max_khz = 0;  // scaling_max_freq, cpuinfo_max_freq
};

// One CPU of each highest frequency is asked: limits are set for all CPUs of a kind. Differences of less than
// 2 % are how drivers round. Document: Documentation/admin-guide/pm/cpufreq.rst.
std::vector<FrequencyLimit> read_frequency_limits(const Dir& root, const std::vector<Cpu>& cpus);

}  // namespace torque
