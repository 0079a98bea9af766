// What the kernel counts of each CPU: interrupts and soft interrupts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sys/dir.h"
#include "torque/cpu_set.h"

namespace torque::measure {

struct Counter {
    enum class Kind { interrupt, softirq };
    Kind kind = Kind::interrupt;
    std::string name;                   // "LOC", "36"; of a soft interrupt "TIMER"
    std::string what;                   // "Local timer interrupts", "nvme0q1"; empty of a soft interrupt
    std::vector<std::uint64_t> counts;  // in the order of the CPUs that were asked for
};

// /proc/interrupts and /proc/softirqs (proc_interrupts(5)), without what is not counted for each CPU. A CPU
// that they do not name has 0.
std::vector<Counter> read_counters(const Dir& root, const CpuSet& cpus);

// Those that moved, by how much; the most first.
std::vector<Counter> moved(const std::vector<Counter>& before, std::vector<Counter> after);

}  // namespace torque::measure
