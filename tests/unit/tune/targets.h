// Machines that boot lines are tried on.
#pragma once

#include "tune/kernel_effect.h"

namespace targets {

// CPUs 0-19: six cores of two threads (0-11) and eight of one.
inline torque::tune::KernelTarget hybrid() {
    torque::tune::KernelTarget target;
    target.possible = target.present = torque::CpuSet::range(0, 19);
    for (int cpu = 0; cpu < 12; cpu += 2) target.cores.push_back({cpu, cpu + 1});
    for (int cpu = 12; cpu < 20; ++cpu) target.cores.push_back({cpu});
    return target;
}

// So many CPUs, each a core; those from `present` on are not plugged in.
inline torque::tune::KernelTarget plain(int possible, int present) {
    torque::tune::KernelTarget target;
    target.possible = torque::CpuSet::range(0, possible - 1);
    target.present = torque::CpuSet::range(0, present - 1);
    for (int cpu = 0; cpu < present; ++cpu) target.cores.push_back({cpu});
    return target;
}

}  // namespace targets
