// Machines that nobody would build: a document may claim anything, and no claim may do harm.
#include <cstdint>

#include "catch.h"
#include "torque/planner.h"
#include "unit/plan/worlds.h"

using namespace torque;

namespace {

// A small generator of its own, so that a failure comes again everywhere.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : state_(seed * 2 + 1) {}
    int roll(int sides) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<int>((state_ >> 33) % static_cast<std::uint64_t>(sides));
    }
    bool chance() { return roll(2) == 0; }
    int number() { return roll(8) == 0 ? roll(3) - 1000000000 : roll(24) - 2; }
    CpuSet set() {
        CpuSet out;
        for (int n = roll(6); n > 0; --n) out.add(roll(30));
        return out;
    }

  private:
    std::uint64_t state_;
};

Machine invent(Dice& dice) {
    Machine machine;
    for (int n = dice.roll(24); n > 0; --n) {
        Cpu cpu;
        cpu.id = CpuId{dice.number()};
        cpu.online = dice.roll(4) != 0;
        cpu.allowed = dice.roll(4) != 0;
        if (dice.chance()) cpu.node = NodeId{dice.number()};
        if (dice.chance()) cpu.type = TypeId{dice.number()};
        if (dice.chance()) cpu.cluster = ClusterId{dice.number()};
        if (dice.chance()) cpu.package = PackageId{dice.number()};
        machine.cpus.push_back(cpu);
    }
    for (int n = dice.roll(12); n > 0; --n) {
        Core core;
        core.id = CoreId{dice.number()};
        if (dice.chance()) core.type = TypeId{dice.number()};
        core.cpus = dice.set();
        machine.cores.push_back(core);
        Cache cache;
        cache.level = dice.number();
        cache.cpus = dice.set();
        cache.size_bytes = static_cast<std::uint64_t>(dice.number());
        machine.caches.push_back(cache);
        machine.types.push_back({TypeId{dice.number()}, static_cast<CoreClass>(dice.roll(4))});
        machine.nodes.push_back(
            {NodeId{dice.number()}, dice.set(), static_cast<std::uint64_t>(dice.roll(2))});
        machine.packages.push_back({PackageId{dice.number()}, dice.set()});
    }
    machine.distances = Distances{{NodeId{0}, NodeId{1}, NodeId{dice.number()}}, {{10, dice.number()}, {}}};
    machine.devices.push_back(
        {"0000:00:00.0", "network", "eth0", {}, {}, NodeId{dice.number()}, {}, {}, dice.number()});
    machine.host.possible = dice.set();
    if (dice.chance()) machine.host.cgroup_cpus = dice.set();
    if (dice.roll(4) == 0) machine.host.cpu_quota = dice.number();
    return machine;
}

Request invent_request(Dice& dice) {
    Request request;
    if (dice.chance()) request.workers = dice.number();
    request.policy = static_cast<Policy>(dice.roll(2));
    request.smt = static_cast<SmtPolicy>(dice.roll(5));
    request.core_class = static_cast<ClassChoice>(dice.roll(3));
    request.isolate = static_cast<Isolate>(dice.roll(2));
    if (dice.roll(4) == 0) request.cpus = dice.set();
    if (dice.roll(4) == 0) request.near = "eth0";
    request.spill = dice.chance();
    return request;
}

}  // namespace

TEST_CASE("no machine, however absurd, gets a plan that contradicts itself") {
    int plans = 0;
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        Dice dice(seed);
        const Machine machine = invent(dice);
        const auto layout = plan(machine, worlds::full_profile(), invent_request(dice));
        CpuSet grouped;
        for (const SchedulingLevel& level : scheduling_groups(machine)) {
            for (const SchedulingGroup& group : level.groups) grouped |= group.cpus.at(0);
        }
        if (!layout) continue;
        ++plans;
        CpuSet workers;
        for (const Worker& worker : layout->workers) {
            if (workers.contains(worker.cpu)) FAIL("two workers on one CPU, seed " << seed);
            workers.add(worker.cpu);
        }
        if (layout->isolated.intersects(layout->housekeeping)) FAIL("isolated keeps house, seed " << seed);
        if (workers.count() != static_cast<int>(layout->workers.size()))
            FAIL("a worker without a CPU, seed " << seed);
        if (grouped.empty()) FAIL("a plan for a machine without groups, seed " << seed);
    }
    CHECK(plans > 300);  // most of them are refused
}
