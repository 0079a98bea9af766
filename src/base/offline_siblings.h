// Which core an offline CPU belongs to: what the machine tells, or what the whole cores give away (rule R13).
#pragma once

#include <vector>

#include "torque/machine.h"

namespace torque {

struct OfflineSiblings {
    // By position in `cores`: the offline CPUs that are taken for threads of that core.
    std::vector<CpuSet> of_core;
    CpuSet known;     // those of them that the machine itself places: no inference
    CpuSet unplaced;  // offline CPUs whose core stays unknown
};

// Where the machine names the offline CPU's core, or has APIC ids, which number the threads of a core in
// their lowest bits (Intel SDM, volume 3, "Hierarchical mapping of shared resources"), that is its core.
//
// Else: the kernel hides the topology of an offline CPU, but numbering is regular: on a machine whose whole
// cores are {2,3}, {6,7} and {10,11}, an offline CPU 5 can only be the lost thread of core {4}. A CPU is
// placed when exactly one core could own it by the pattern that all whole cores of its type share. `cores`:
// the machine's cores, each with its online CPUs.
OfflineSiblings place_offline(const Machine& machine, const std::vector<Core>& cores);

}  // namespace torque
