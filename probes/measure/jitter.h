// Measures what keeps the CPUs of this machine from the program that runs on them.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "measure/clock.h"
#include "measure/counters.h"
#include "measure/disturbance.h"
#include "measure/gaps.h"
#include "measure/summary.h"
#include "sys/dir.h"
#include "torque/cpu_set.h"
#include "torque/result.h"

namespace torque::measure {

// Times of gaps are less the shortest time between two looks, which is the harness' own.
struct LongGap {
    double at_ns = 0;  // since the measurement began
    double length_ns = 0;
};

struct CpuJitter {
    int cpu = 0;
    double watched_ns = 0;
    double look_ns = 0;  // the shortest time between two looks
    std::uint64_t gaps = 0;
    double stolen_ns = 0;  // the sum of all gaps
    Summary gaps_per_s;    // of the slices of the run
    Summary stolen_share;  // of a slice's time, 0 to 1
    std::array<std::uint64_t, kGapEdgesNs.size()> histogram{};
    std::vector<LongGap> longest;  // the longest first, at most GapLog::kLongest
    Disturbance disturbance;
    std::optional<std::uint64_t> preemptions;  // of the thread; absent where the kernel does not tell
};

struct Jitter {
    bool is_tsc = false;
    double threshold_ns = 0;      // shorter gaps are not counted
    std::vector<CpuJitter> cpus;  // ascending
    std::vector<Counter> moved;   // while they were watched; counts in the order of `cpus`
    Disturbance disturbance;      // of all of them
};

// How much of it is done, 0 to 1.
using JitterProgress = std::function<void(double share)>;

// A thread on each CPU, all at once, for `duration`. What the kernel counts is read when all threads stand
// ready, and again before the first of them goes away. The calling thread sleeps in between; it tells of
// progress each second if it may run on a CPU that is not watched, else once, with 0. `root` holds proc/ and
// sys/. Errors: the kernel refuses a CPU.
Result<Jitter> measure_jitter(const Dir& root, const CpuSet& cpus, std::chrono::nanoseconds duration,
                              const JitterProgress& progress);

// Gaps shorter than 200 ns are the processor's own business. Where looking takes longer than a fourth of
// that, a gap is what takes four looks.
double gap_threshold_ns(double look_ns);

// A log ready to be filled for so long.
GapLog empty_log(const ClockChoice& clock, double threshold_ns, double duration_ns);

// What a log tells of a CPU, but for what the kernel knows.
CpuJitter jitter_of(const GapLog& log, const ClockChoice& clock, int cpu);

}  // namespace torque::measure
