// The threads of a running system, as /proc tells of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sys/dir.h"
#include "torque/cpu_set.h"

namespace torque::tune {

struct Thread {
    int process = 0;
    int id = 0;  // that of the process for its first thread
    std::string name;
    std::string process_name;
    CpuSet cpus;             // where it may run: Cpus_allowed_list
    bool is_fixed = false;   // the kernel refuses another mask: PF_NO_SETAFFINITY
    bool is_kernel = false;  // a kernel thread
};

struct Processes {
    std::vector<Thread> threads;         // without those that have ended
    bool is_cut = false;                 // there are more than are listed
    std::optional<std::string> why_not;  // they cannot be seen: in a container, in a snapshot, under hidepid
};

// Documents: proc_pid_status(5), proc_pid_stat(5); PF_NO_SETAFFINITY in include/linux/sched.h.
Processes read_processes(const Dir& root);

}  // namespace torque::tune
