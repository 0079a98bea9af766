// nest(): everything of a machine that has CPUs, as one tree made by containment alone.
//
// Nothing is assumed about which level lies in which: a last-level cache may be smaller or larger than a NUMA
// node, a node may span packages, a level may be missing. Whatever has the same CPUs is one thing, but for
// the core, which stays a thing of its own. What overlaps a larger thing without lying in it is set aside.
#pragma once

#include <vector>

#include "torque/machine.h"

namespace torque {

struct Thing {
    CpuSet cpus;   // online ones, never empty but in a machine without any
    int size = 0;  // how many those are
    std::vector<PackageId> packages;
    std::vector<DieId> dies;
    std::vector<const Node*> nodes;
    std::vector<const Cache*> caches;  // nearest to the memory first
    int clusters = 0;
    const Core* core = nullptr;
    bool is_cpu = false;        // a CPU of no known core; then nothing lies in it
    int depth = 0;              // 0 is the machine
    std::vector<int> children;  // ascending by first CPU
};

struct Nesting {
    std::vector<Thing> things;  // things[0] is the machine, with all online CPUs
    std::vector<Thing> aside;   // overlap the tree
};

// The result points into `machine`.
Nesting nest(const Machine& machine);

}  // namespace torque
