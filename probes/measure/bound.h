// run_bound(): work on several CPUs at once, a thread bound to each.
#pragma once

#include <functional>
#include <vector>

#include "measure/disturbance.h"
#include "sys/dir.h"
#include "torque/cpu_set.h"
#include "torque/result.h"

namespace torque::measure {

// Calls work(cpu) for each CPU, in a thread that runs there and nowhere else; none begins before all are in
// place. `meanwhile` runs in the calling thread once they are: it shares a CPU with one of them unless it is
// bound elsewhere. Gives what each thread waited while it worked, in the order of the CPUs, zero where the
// kernel does not tell. `root` holds proc/. Errors: the kernel refuses a CPU; no work is done then.
Result<std::vector<Times>> run_bound(const Dir& root, const CpuSet& cpus,
                                     const std::function<void(int cpu)>& work,
                                     const std::function<void()>& meanwhile = {});

}  // namespace torque::measure
