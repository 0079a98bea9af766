// Measures how long a cache line takes between CPUs of this machine.
#pragma once

#include <chrono>
#include <functional>
#include <vector>

#include "measure/disturbance.h"
#include "measure/matrix.h"
#include "sys/dir.h"
#include "torque/cpu_set.h"
#include "torque/result.h"

namespace torque::measure {

struct PairTime {
    int a = 0, b = 0;       // CPUs, a < b
    double one_way_ns = 0;  // half a round trip: the median of the samples, without the cost of the clock
    double spread_ns = 0;   // between the quartiles of the samples
    int samples = 0;        // of 100 round trips each
};

struct CoreTimes {
    std::vector<PairTime> pairs;  // every two CPUs, by a and then b
    double clock_ns = 0;          // what two looks at the clock cost: subtracted from each sample
    Disturbance disturbance;
};

// After each pair: how many are done, of how many.
using Progress = std::function<void(int done, int all)>;

// One pair after the other, a thread bound to each CPU, in about `budget`, but at least five samples a pair
// and at most 0.2 s. The line lies in memory that one thread touched first, then in the other's, for half of
// the time each, and the smaller median counts: a line that lives on a far node tells of that node. `root`
// holds proc/. Errors: the kernel refuses a CPU; the threads of a pair did not meet often enough.
Result<CoreTimes> measure_cores(const Dir& root, const CpuSet& cpus, std::chrono::nanoseconds budget,
                                const Progress& progress);

// Rows are the CPUs that were measured, ascending.
LatencyMatrix matrix_of(const CoreTimes& times, const CpuSet& cpus);

}  // namespace torque::measure
