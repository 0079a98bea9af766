#include "probes/frequency.h"

#include <set>
#include <string>

#include "probes/read.h"

namespace torque {

std::vector<FrequencyLimit> read_frequency_limits(const Dir& root, const std::vector<Cpu>& cpus) {
    constexpr std::size_t kAskedMax = 16;
    std::vector<FrequencyLimit> limits;
    std::set<std::uint64_t> asked;
    for (const Cpu& cpu : cpus) {
        if (!cpu.online || !cpu.max_khz || asked.size() == kAskedMax || !asked.insert(*cpu.max_khz).second)
            continue;
        const auto limit = read_unsigned(
            root, "sys/devices/system/cpu/cpu" + std::to_string(cpu.id.value) + "/cpufreq/scaling_max_freq");
        if (limit && *limit < *cpu.max_khz - *cpu.max_khz / 50)
            limits.push_back({cpu.id.value, *limit, *cpu.max_khz});
    }
    return limits;
}

}  // namespace torque
