#include <string>

#include "catch.h"
#include "torque/planner.h"
#include "unit/plan/worlds.h"

using namespace torque;
using worlds::Numbering;

namespace {

// "core: 2 x core{class0,1t} | llc: …"
std::string summary(const Machine& machine) {
    std::string out;
    for (const SchedulingLevel& level : scheduling_groups(machine)) {
        out += (out.empty() ? "" : " | ") + level.name + ":";
        for (const SchedulingGroup& group : level.groups) {
            CHECK(group.count == static_cast<int>(group.cpus.size()));
            out += " " + std::to_string(group.count) + " x " + group.shape;
        }
    }
    return out;
}

std::string uniform(int nodes, int llcs, int cores, int threads) {
    return summary(worlds::build(worlds::uniform(nodes, llcs, cores, threads, Numbering::rounds)));
}

}  // namespace

TEST_CASE("the seed's machine has two kinds of core below one cache") {
    CHECK(summary(worlds::i9_12900hk()) ==
          "core: 6 x core{class0,2t} 8 x core{class1,1t} | llc: 1 x LLC{6*core{class0,2t} + "
          "8*core{class1,1t}}");
}

TEST_CASE("a level that says nothing new is left out, and the lowest one keeps its name") {
    CHECK(uniform(1, 1, 1, 1) == "core: 1 x core{class0,1t}");
    CHECK(uniform(1, 1, 2, 2) == "core: 2 x core{class0,2t} | llc: 1 x LLC{2*core{class0,2t}}");
    CHECK(uniform(2, 1, 1, 1) == "core: 2 x core{class0,1t} | machine: 1 x machine{2*core{class0,1t}}");
    CHECK(uniform(2, 2, 2, 1) ==
          "core: 8 x core{class0,1t} | llc: 4 x LLC{2*core{class0,1t}} | node: 2 x "
          "node{2*LLC{2*core{class0,1t}}} | "
          "machine: 1 x machine{2*node{2*LLC{2*core{class0,1t}}}}");
}

TEST_CASE("groups carry the CPUs of each of their members") {
    const auto levels = scheduling_groups(worlds::xeon_2x8());
    REQUIRE(levels.size() == 3);
    CHECK(levels[1].name == "llc");
    CHECK(levels[1].groups[0].cpus[1].list() == "8-15,24-31");
    CHECK(levels[2].groups[0].cpus[0].list() == "0-31");
}

TEST_CASE("like shapes with unlike caches are told apart") {
    worlds::World world = worlds::uniform(1, 2, 4, 1, Numbering::rounds);
    world.nodes[0].llcs[1].kib = 98304;
    CHECK(summary(worlds::build(world))
              .find("llc: 1 x LLC{4*core{class0,1t},L3 32M} 1 x LLC{4*core{class0,1t},L3 96M}") !=
          std::string::npos);
}

TEST_CASE("nodes that are parts of one cache lie below it") {
    Machine machine = worlds::build(worlds::uniform(2, 1, 4, 1, Numbering::rounds));
    std::erase_if(machine.caches, [](const Cache& cache) { return cache.level == 3; });
    Cache shared;
    shared.level = 3;
    shared.cpus = worlds::list("0-7");
    machine.caches.push_back(shared);
    CHECK(summary(machine) ==
          "core: 8 x core{class0,1t} | node: 2 x node{4*core{class0,1t}} | llc: 1 x "
          "LLC{2*node{4*core{class0,1t}}}");
}

TEST_CASE("a machine of which nothing is known but its CPUs still has a universe") {
    Machine machine;
    for (int id : {0, 1}) {
        Cpu cpu;
        cpu.id = CpuId{id};
        machine.cpus.push_back(cpu);
    }
    CHECK(summary(machine) == "core: 2 x core{class0,1t} | machine: 1 x machine{2*core{class0,1t}}");
}
