// Machines for the planner's tests, built from a few words about how they are made and numbered.
#pragma once

#include <string>
#include <vector>

#include "torque/machine.h"
#include "torque/profile.h"

namespace worlds {

// How CPU numbers go to the threads of a core.
enum class Numbering {
    neighbours,  // a core's threads follow one another: {0,1}, {2,3}
    rounds,      // first threads of all cores first, then second threads: {0,64}, {1,65}
};

// A run of like cores.
struct Cores {
    int count = 1;
    int threads = 1;
    torque::CoreClass core_class = torque::CoreClass::uniform;
    int l2_cores = 1;   // cores that share a level 2 cache
    int l2_kib = 1024;  // 0: no level 2 cache
};

// One last-level cache and the cores below it.
struct Llc {
    std::vector<Cores> cores;
    int kib = 32768;  // 0: no level 3 cache is listed
};

struct NodeSpec {
    std::vector<Llc> llcs;
    int package = 0;
    long memory_mib = 16384;
};

struct World {
    std::vector<NodeSpec> nodes;
    Numbering numbering = Numbering::neighbours;
    bool has_nodes = true;
    bool has_types = false;  // core types are listed
};

torque::Machine build(const World& world);

// `count` identical nodes, each a package of its own.
World uniform(int nodes, int llcs, int cores, int threads, Numbering numbering);

torque::Machine i9_12900hk();  // E1: P cores 0-11 with two threads, E cores 12-19
torque::Machine i9_13900kf();  // E11: eight P cores, favoured ones among them, sixteen E cores
torque::Machine xeon_2x8();    // E3: two nodes of eight cores, siblings 16 apart; eth0 on node 1
torque::Machine epyc_64();     // E4: one node, eight caches of eight cores, siblings 64 apart
torque::Machine big_little();  // E10: slow cores 0-3, fast cores 4-7
torque::Machine gb10();        // E12: two caches, each over five slow and five fast cores
torque::Machine cxl();         // E7: eight cores and a node of memory only
torque::Machine asymmetric();  // E8: nodes of eight and four cores

// Puts the process into a cgroup with these CPUs.
void confine(torque::Machine& machine, const char* cpus);
// Takes CPUs offline as the kernel shows it: out of every list, their topology gone.
void take_offline(torque::Machine& machine, const char* cpus);

torque::CpuSet list(const char* text);
torque::Profile full_profile();

}  // namespace worlds
