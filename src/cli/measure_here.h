// What measuring this machine needs, whatever the kind: its CPUs, and a word on how far it is.
#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "cli/options.h"
#include "torque/cpu_set.h"
#include "torque/machine.h"
#include "torque/result.h"

namespace torque {

// --cpus, or those of the process' cpuset that it is not bound away from (taskset; a kernel that isolates
// CPUs binds everything away from them). Errors: CPUs outside of the cpuset or offline, fewer than
// `count_min`.
Result<CpuSet> cpus_to_measure(const MeasureOptions& options, const Machine& machine, int count_min);

// Of the caches of a CPU; 64 where nothing or nonsense is declared.
std::size_t line_bytes_of(const Machine& machine, int cpu);

// A line on standard error, rewritten, where that is a terminal: how far it is and for how long still. Shown
// after the first second, and gone when this ends.
class ProgressLine {
  public:
    ~ProgressLine();
    // `share` done, above 0 to 1; `what` is done, such as "3 of 28 pairs".
    void show(double share, std::string_view what);
    // For a measurement that even a line on the terminal would disturb: at once, and once.
    void announce(std::string_view what);

  private:
    using Clock = std::chrono::steady_clock;
    void write(std::string_view text);

    Clock::time_point begin_ = Clock::now();
    bool is_shown_ = false;
};

}  // namespace torque
