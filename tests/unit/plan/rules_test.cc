// The rules one by one, where the worked examples do not reach.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "unit/plan/planned.h"

using namespace torque;
using worlds::ask;
using worlds::cpus_of;
using worlds::list;
using worlds::Numbering;
using worlds::planned;
using worlds::refused;

namespace {

bool mentions(const std::vector<std::string>& texts, const std::string& part) {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

const Decision* decision(const Layout& layout, const std::string& rule) {
    for (const Decision& one : layout.decisions) {
        if (one.rule == rule) return &one;
    }
    return nullptr;
}

}  // namespace

TEST_CASE("R2: what becomes of the second threads") {
    const Machine machine = worlds::i9_12900hk();
    Request request = ask(4);
    request.smt = SmtPolicy::housekeeping;
    const Layout shared = planned(machine, request);
    CHECK(shared.isolated.list() == "4,6,8,10");
    CHECK(shared.housekeeping.list() == "0-3,5,7,9,11-19");
    CHECK(mentions(shared.warnings, "5,7,9,11"));

    request.smt = SmtPolicy::offline;
    const Layout dark = planned(machine, request);
    CHECK(dark.isolated.list() == "4-11");
    REQUIRE(dark.runtime.size() == 4);
    CHECK(dark.runtime[0].path == "/sys/devices/system/cpu/cpu5/online");
    CHECK(dark.runtime[0].value == "0");

    request = ask(6);
    request.smt = SmtPolicy::use;
    CHECK(cpus_of(planned(machine, request)).list() == "2,4,6,8,10-11");
    request.workers.reset();
    const Layout full = planned(machine, request);
    CHECK(cpus_of(full).list() == "2-11");
    CHECK(full.isolated.list() == "2-11");
}

TEST_CASE("R3: the best class is the best one that has a slot") {
    worlds::World world;
    world.has_types = true;
    world.nodes = {
        {{{{{1, 1, CoreClass::performance}, {4, 1, CoreClass::efficiency}, {2, 1, CoreClass::low_power}}}}}};
    const Machine machine = worlds::build(world);
    CHECK(cpus_of(planned(machine, Request{})).list() == "1-4");
    Request any;
    any.core_class = ClassChoice::any;
    CHECK(cpus_of(planned(machine, any)).list() == "1-6");
    Request low = ask(5);
    low.core_class = ClassChoice::efficiency;
    CHECK(refused(machine, low).hint == "use --workers 4 or --class any");

    Request none = ask(1);
    none.core_class = ClassChoice::efficiency;
    const Error error = refused(worlds::xeon_2x8(), none);
    CHECK(error.kind == ErrorKind::infeasible);
    CHECK(error.what == "1 worker, 0 slots (node 0: 0, node 1: 0)");
    CHECK(error.hint == "use --class any");
}

TEST_CASE("R6: isolating the rest leaves the floor on every node") {
    Request request = ask(4);
    request.isolate = Isolate::rest;
    const Layout hybrid = planned(worlds::i9_12900hk(), request);
    CHECK(hybrid.isolated.list() == "2-19");
    CHECK(cpus_of(hybrid).list() == "4,6,8,10");
    request.policy = Policy::huddle;
    CHECK(planned(worlds::xeon_2x8(), request).housekeeping.list() == "0,8,16,24");
    request.cpus = list("4-7,20-23");
    CHECK(planned(worlds::xeon_2x8(), request).isolated.list() == "4-7,20-23");
}

TEST_CASE("R8: a device decides the order of nodes, if it can be found") {
    Machine machine = worlds::xeon_2x8();
    Request request = ask(2);
    request.near = "0000:00:1f.6";
    const Layout layout = planned(machine, request);
    CHECK(cpus_of(layout).list() == "14-15");
    CHECK(layout.workers[1].queue == 1);

    request.near = "eth1";
    const Error error = refused(machine, request);
    CHECK(error.kind == ErrorKind::usage);
    CHECK(error.hint == "did you mean eth0?");

    request.near = "eth0";
    request.workers = 9;
    request.spill = true;
    const Layout many = planned(machine, request);
    CHECK_FALSE(many.workers[0].queue.has_value());
    CHECK(mentions(many.leftovers, "8 queues for 9 workers"));

    machine.devices[0].node.reset();
    const Layout blind = planned(machine, request);
    CHECK(mentions(blind.warnings, "NUMA node of eth0"));
    CHECK(decision(blind, "R8")->why.find("no preference") != std::string::npos);
}

TEST_CASE("R8: near a node without CPUs is near the next one") {
    Machine machine = worlds::build([] {
        worlds::World world = worlds::uniform(2, 1, 4, 1, Numbering::rounds);
        world.nodes.push_back({{}, 1, 4096});
        return world;
    }());
    machine.distances->matrix = {{10, 20, 40}, {20, 10, 15}, {40, 15, 10}};
    Device gpu;
    gpu.name = "card0";
    gpu.node = NodeId{2};
    machine.devices.push_back(gpu);
    Request request = ask(3);
    request.near = "card0";
    CHECK(cpus_of(planned(machine, request)).list() == "5-7");
}

TEST_CASE("R11: a container's floor gives way only when there is no other way") {
    Machine machine = worlds::xeon_2x8();
    worlds::confine(machine, "8-15,24-31");
    CHECK(cpus_of(planned(machine, ask(7))).list() == "9-15");
    const Layout all = planned(machine, Request{});
    CHECK(cpus_of(all).list() == "8-15");
    CHECK(decision(all, "R4")->why.find("outside") != std::string::npos);
    CHECK_FALSE(all.boot.cmdline.has_value());
    worlds::confine(machine, "2,18");
    const Layout lone = planned(machine, ask(1));
    CHECK(cpus_of(lone).list() == "18");
    CHECK(lone.isolated.empty());
    CHECK(lone.housekeeping.list() == "2,18");
}

TEST_CASE("R11: the quota of CPU time bounds the workers") {
    Machine machine = worlds::xeon_2x8();
    machine.host.cpu_quota = 4.5;
    CHECK(planned(machine, ask(4)).workers.size() == 4);
    const Error error = refused(machine, ask(5));
    CHECK(error.kind == ErrorKind::infeasible);
    CHECK(error.hint == "use --workers 4, or raise cpu.max");
    const Layout automatic = planned(machine, Request{});
    CHECK(automatic.workers.size() == 4);
    CHECK(mentions(automatic.warnings, "4.5"));
    machine.host.cpu_quota = 0.5;
    CHECK(planned(machine, Request{}).workers.size() == 1);
    CHECK(refused(machine, ask(1)).hint == "raise cpu.max");
}

TEST_CASE("R12: a node without memory uses the nearest that has some") {
    Machine machine = worlds::build([] {
        worlds::World world = worlds::uniform(3, 1, 4, 1, Numbering::rounds);
        world.nodes.push_back({{}, 2, 65536});
        return world;
    }());
    machine.nodes[2].memory_bytes = 0;
    machine.distances->matrix = {{10, 20, 20, 20}, {20, 10, 20, 20}, {30, 20, 10, 12}, {20, 20, 20, 10}};
    const Layout layout = planned(machine, ask(3));
    for (const Worker& worker : layout.workers) {
        REQUIRE(worker.memory_nodes.size() == 1);
        CHECK(worker.memory_nodes[0] == (worker.node == NodeId{2} ? NodeId{1} : *worker.node));
    }
    machine.distances.reset();
    CHECK(planned(machine, ask(3)).workers[2].memory_nodes[0] == NodeId{0});
}

TEST_CASE("R13: offline CPUs are placed only where the numbering is plain") {
    Machine apart = worlds::xeon_2x8();
    worlds::take_offline(apart, "20,5");
    const Layout layout = planned(apart, ask(8));
    // The core of CPUs 5 and 21 is down to its second thread, which is then its lowest.
    CHECK(cpus_of(layout).list() == "4,6-7,12-15,21");
    CHECK(layout.isolated.list() == "4-7,12-15,20-23,28-31");
    CHECK(layout.warnings.empty());

    // With every second thread offline there is nothing to learn the numbering from.
    Machine without = worlds::i9_12900hk();
    worlds::take_offline(without, "1,3,5,7,9,11");
    const Layout blind = planned(without, ask(4));
    CHECK(blind.isolated.list() == "4,6,8,10");
    CHECK(blind.housekeeping.list() == "0-3,5,7,9,11-19");
    CHECK(mentions(blind.warnings, "offline"));

    // A core that is wholly offline belongs to no worker.
    Machine core = worlds::i9_12900hk();
    worlds::take_offline(core, "10-11");
    const Layout fewer = planned(core, ask(4));
    CHECK(fewer.isolated.list() == "2-9");
    CHECK(fewer.warnings.empty());
}

TEST_CASE("R14, R7: nodes fill evenly until one is full, lower nodes first") {
    Machine machine = worlds::build(worlds::uniform(4, 1, 4, 1, Numbering::rounds));
    CHECK(cpus_of(planned(machine, ask(5))).list() == "2-3,7,11,15");
    CHECK(cpus_of(planned(machine, ask(12))).list() == "1-3,5-7,9-11,13-15");
}

TEST_CASE("R15: only options that would fit are offered") {
    const Machine machine = worlds::build(worlds::uniform(1, 1, 4, 1, Numbering::rounds));
    const Error error = refused(machine, ask(4));
    CHECK(error.what == "4 workers, 3 slots (node 0: 3)");
    CHECK(error.hint == "use --workers 3 or --oversubscribe");
    const Error both = refused(worlds::i9_12900hk(), ask(17));
    CHECK(both.hint == "use --workers 5 or --class any --smt use");
}

TEST_CASE("what the machine does not have is a usage error") {
    const Machine machine = worlds::i9_12900hk();
    Request request = ask(0);
    CHECK(refused(machine, request).kind == ErrorKind::usage);
    request = ask(1);
    request.cpus = list("2-20");
    CHECK(refused(machine, request).kind == ErrorKind::usage);
    request.cpus = CpuSet();
    CHECK(refused(machine, request).kind == ErrorKind::usage);
    CHECK(refused(Machine{}, ask(1)).kind == ErrorKind::failure);
}

TEST_CASE("a CPU that two cores claim belongs to the lower core, in whatever order they are listed") {
    Machine machine = worlds::build(worlds::uniform(1, 1, 4, 2, Numbering::neighbours));
    machine.cores[2].cpus = list("4-6");
    const Layout one = planned(machine, Request{});
    CHECK(one.isolated.list() == "2-7");
    CHECK(one.workers[1].siblings.list() == "5-6");
    std::swap(machine.cores[2], machine.cores[3]);
    CHECK(planned(machine, Request{}) == one);
}

TEST_CASE("--cpus bounds the workers, and the rest of the machine keeps house") {
    Request request;
    request.cpus = list("4-9");
    const Layout layout = planned(worlds::i9_12900hk(), request);
    CHECK(cpus_of(layout).list() == "4,6,8");
    CHECK(layout.housekeeping.list() == "0-3,10-19");
    CHECK(layout.boot.cmdline.has_value());
    request.cpus = list("0-1");
    const Layout boot = planned(worlds::i9_12900hk(), request);
    CHECK(cpus_of(boot).list() == "1");
    CHECK(boot.isolated.empty());
}

TEST_CASE("a boot line that has the parameters already is warned about") {
    Machine machine = worlds::i9_12900hk();
    machine.host.cmdline = "BOOT_IMAGE=/vmlinuz quiet nohz_full=2-11 rcu_nocb_poll";
    const Layout layout = planned(machine, ask(4));
    CHECK(layout.warnings.size() == 2);
    CHECK(mentions(layout.warnings, "nohz_full=2-11"));
    machine.host.cmdline = std::string(2000, 'x');
    CHECK(mentions(planned(machine, ask(4)).warnings, "2047"));
}

TEST_CASE("managed interrupts that must stay on isolated CPUs are counted") {
    Machine machine = worlds::i9_12900hk();
    for (int queue = 0; queue < 20; ++queue) {
        Irq irq;
        irq.irq = 100 + queue;
        irq.cpus.add(queue);
        irq.managed = true;
        machine.irqs.push_back(irq);
    }
    const Layout layout = planned(machine, ask(4));
    REQUIRE(layout.leftovers.size() == 1);
    CHECK(layout.leftovers[0].find("8 managed interrupts (the first is 104)") == 0);
}

TEST_CASE("possible CPUs that are not there belong to housekeeping") {
    Machine machine = worlds::i9_12900hk();
    machine.host.possible = list("0-31");
    CHECK(planned(machine, ask(4)).housekeeping.list() == "0-3,12-31");
}

TEST_CASE("buffers fill half of a worker's share of its level 2 cache") {
    const auto count = [](int kib, int cores) {
        worlds::World world;
        world.nodes = {{{{{{8, 2, CoreClass::uniform, cores, kib}}}}}};
        const Layout layout = planned(worlds::build(world), ask(1));
        CHECK(layout.workers[0].buffers.size_bytes == 2048);
        return layout.workers[0].buffers.count;
    };
    CHECK(count(1280, 1) == 256);
    CHECK(count(2048, 1) == 512);
    CHECK(count(4096, 4) == 256);
    CHECK(count(8192, 4) == 512);
    CHECK(count(65536, 1) == 16384);
    CHECK(count(0, 1) == 256);
}

TEST_CASE("every decision is a sentence, and the rules that shaped the plan are among them") {
    const Layout layout = planned(worlds::i9_12900hk(), ask(4));
    for (const char* rule : {"R1", "R2", "R3", "R4", "R5", "R6", "R7", "R12", "R16"}) {
        INFO(rule);
        CHECK(decision(layout, rule) != nullptr);
    }
    CHECK(decision(layout, "R8") == nullptr);
    CHECK(decision(layout, "R1")->why.find("CPUs 0-1") != std::string::npos);
    CHECK(decision(layout, "R3")->why.find("CPUs 12-19") != std::string::npos);
}

// A benchmark, run by name: test_unit_plan "[.bench]".
TEST_CASE("4,096 CPUs and 1,024 workers on 32 nodes", "[.bench]") {
    const Machine machine = worlds::build(worlds::uniform(32, 8, 8, 2, Numbering::rounds));
    const auto start = std::chrono::steady_clock::now();
    const Layout layout = planned(machine, ask(1024));
    const auto took = std::chrono::steady_clock::now() - start;
    CHECK(layout.workers.size() == 1024);
    std::printf("plan: %.1f ms\n", std::chrono::duration<double, std::milli>(took).count());
}
