// Changes: sleeps until CPUs or memory come or go, a file is written, a signal comes, or time is up.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/fd.h"
#include "torque/result.h"

namespace torque {

struct Change {
    enum class Kind { time_up, hotplug, written, signal };
    Kind kind = Kind::time_up;
    std::string
        what;        // "cpu3 offline", "/sys/fs/cgroup/a/cpuset.cpus was written"; several are parted by ", "
    int signal = 0;  // SIGINT or SIGTERM
};

class Changes {
  public:
    using Clock = std::chrono::steady_clock;

    // `files`: absolute paths; those that are not there are left out. From here on SIGINT and SIGTERM do not
    // end the process but are changes.
    // Errors: there are no descriptors left.
    static Result<Changes> open(const std::vector<std::string>& files);

    // A sandbox may keep the kernel's messages about CPUs and memory from us.
    bool hears_hotplug() const { return static_cast<bool>(uevents_); }

    // Changes that come close together are one. Does not wake up but for a change or at the deadline.
    Change next(Clock::time_point deadline);

  private:
    // Reads what has come; false when nothing of interest was among it.
    bool take(Change& change);
    bool take_uevents(Change& change);
    bool take_written(Change& change);

    Fd signals_, uevents_, inotify_;
    std::vector<std::string> names_;  // of the files, by their inotify numbers from 1
};

}  // namespace torque
