// find_levels(): which CPUs belong together, from the latencies between them and nothing else.
#pragma once

#include <vector>

#include "measure/matrix.h"
#include "torque/cpu_set.h"

namespace torque::measure {

// What a level is taken for, by its latency and its place among the others. A guess: latencies carry no
// names.
enum class LevelKind {
    core,        // at most 15 ns: threads of one core
    last_level,  // the first level above: what shares a cache, which may be a whole package
    package,     // what is above that: a package, a die or a NUMA node
};

// CPUs of one group are nearer to each other than to any other: an equivalence, within measuring errors.
struct Level {
    LevelKind kind = LevelKind::core;
    double latency_ns = 0;       // median between two members of one group, without the levels below
    double apart_ns = 0;         // median between members of different groups
    double misfits = 0;          // share of the pairs that are on the wrong side of the middle, 0 to 1
    std::vector<CpuSet> groups;  // all CPUs, each once; by their first CPU unless only_first
    // Where true, only groups[0] was seen to belong together: the others, groups[1], are as far from each
    // other as from it. So it looks when the measured line lived in the memory of the first group.
    bool only_first = false;
};

struct Structure {
    std::vector<Level> levels;  // finest first; empty: nothing that chance would not make as well
    double rest_ns = 0;         // median between what the last level leaves apart
};

// `cpus` names the rows, as many as the matrix has, ascending.
//
// Bottom up. Average linkage proposes groups where its steps have a gap. They are a level if
// - the nearest two groups are at least 1.2 times as far apart as the widest group is wide, by the medians
//   (cores of one mesh differ by a fifth by where they sit), at most 2 % of the groups excepted, and by
//   twice the scatter within groups;
// - there are two groups of more than one, or one beside a rest that is far from everything;
// - at most 5 % of the pairs are misfits;
// - chance would hardly do it: were all values exchangeable, the lowest ones would be those within groups
//   of such sizes in less than one case of 1,000 (or more often if the gap is the wider, see levels.cc).
// Then groups become the rows, medians the values, and it begins again.
Structure find_levels(const LatencyMatrix& matrix, const CpuSet& cpus);

}  // namespace torque::measure
