// Measures how long a load takes over the size of the memory that is used: what caches and TLBs hold.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "measure/curve.h"
#include "measure/disturbance.h"
#include "sys/dir.h"
#include "sys/region.h"
#include "torque/result.h"

namespace torque::measure {

// Which line follows which. Random in any case, so that no prefetcher helps.
enum class Order {
    near,  // all of 128 KiB, then the next 128 KiB: few pages at a time, and with that no TLB misses to speak
           // of
    far,   // any of all
    pages  // one line of each 4 KiB, any of all: as many pages as lines
};

struct Way {
    Order order;
    PageWish pages;
};

struct Curves {
    Way way;
    Curve quickest;             // of the passes; sizes in bytes, of Order::pages in pages
    std::vector<Curve> passes;  // each in memory of its own
    std::optional<double>
        huge_share;  // of the memory in huge pages, 0 to 1, the least of the passes; absent: not told
    bool is_reserved = false;  // in reserved huge pages
};

struct WorkingSets {
    std::vector<Curves> curves;  // one for each Way, in the order in which they were asked for
    double clock_ns = 0;         // what two looks at the clock cost: subtracted from each sample
    std::size_t bytes_max = 0;   // the largest working set that was to be measured
    Disturbance disturbance;
};

struct WorkingSetLimits {
    std::size_t line_bytes = 64;
    std::size_t bytes_max = 0;    // of the largest working set
    std::size_t cache_bytes = 0;  // of the largest cache: so much is loaded before a size is measured
    std::size_t pages_max = 0;    // of Order::pages
};

// After each point: the share of the time that has passed, above 0 to 1.
using TimeProgress = std::function<void(double share)>;

// On one CPU, in about `budget`: each way once, though not up to the last size if the time does not suffice,
// then again as often as the time allows, five times at most. `root` holds proc/. Errors: the kernel refuses
// the CPU, or there is no memory.
Result<WorkingSets> measure_working_sets(const Dir& root, int cpu, const std::vector<Way>& ways,
                                         const WorkingSetLimits& limits, std::chrono::nanoseconds budget,
                                         const TimeProgress& progress);

}  // namespace torque::measure
