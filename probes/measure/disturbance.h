// What disturbs a measurement: waiting for a CPU that others use, and CPUs that a hypervisor took away.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sys/dir.h"
#include "torque/cpu_set.h"

namespace torque::measure {

struct Times {
    std::uint64_t lost = 0, total = 0;  // in one unit

    // Of the time since an earlier look, 0 to 1; 0 when none passed.
    double share_since(const Times& before) const;
    Times& operator+=(const Times& other);
};

// Of the calling thread: ns for which it could have run and did not, and those and the ns for which it ran.
// /proc/thread-self/schedstat, Documentation/scheduler/sched-stats.rst. Absent where the kernel does not
// tell.
std::optional<Times> read_waiting(const Dir& root);

// Of these CPUs: ticks that a hypervisor gave to others, and all ticks. /proc/stat, proc_stat(5).
std::optional<Times> read_steal(const Dir& root, const CpuSet& cpus);

struct Disturbance {
    double waiting = 0, steal = 0;  // shares of the time, 0 to 1

    // Why the results are not to be relied upon; absent: they are. Bounds: 5 % waiting, 2 % steal.
    std::optional<std::string> reason() const;
};

// From when it is made until it is asked; `root` holds proc/ and outlives it.
class DisturbanceWatch {
  public:
    DisturbanceWatch(const Dir& root, const CpuSet& cpus);

    void add_waiting(const Times& of_a_thread) { waiting_ += of_a_thread; }
    Disturbance so_far() const;

  private:
    const Dir& root_;
    CpuSet cpus_;
    std::optional<Times> steal_before_;
    Times waiting_;
};

}  // namespace torque::measure
