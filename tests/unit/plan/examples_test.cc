// The worked examples of the policy, E1 to E12, on machines built for them.
#include <optional>
#include <string>

#include "unit/plan/planned.h"

using namespace torque;
using worlds::ask;
using worlds::planned;
using worlds::refused;

namespace {

Request huddle(int workers) {
    Request request = ask(workers);
    request.policy = Policy::huddle;
    return request;
}

Request of_class(int workers, ClassChoice core_class) {
    Request request = ask(workers);
    request.core_class = core_class;
    return request;
}

Request near_eth0(int workers, bool spill) {
    Request request = ask(workers);
    request.near = "eth0";
    request.spill = spill;
    return request;
}

std::string workers_of(const Layout& layout) {
    std::string out;
    for (const Worker& worker : layout.workers) {
        CHECK(worker.id == static_cast<int>(&worker - layout.workers.data()));
        out += (out.empty() ? "" : ",") + std::to_string(worker.cpu.value);
    }
    return out;
}

void check(const Machine& machine, const Request& request, const char* workers, const char* isolated,
           const char* housekeeping) {
    const Layout layout = planned(machine, request);
    CHECK(workers_of(layout) == workers);
    CHECK(layout.isolated.list() == isolated);
    CHECK(layout.housekeeping.list() == housekeeping);
}

}  // namespace

TEST_CASE("E1: the seed's machine gets the seed's plan and its boot line, mended") {
    const Layout layout = planned(worlds::i9_12900hk(), ask(4));
    check(worlds::i9_12900hk(), ask(4), "4,6,8,10", "4-11", "0-3,12-19");
    REQUIRE(layout.boot.cmdline.has_value());
    CHECK(
        *layout.boot.cmdline ==
        "isolcpus=managed_irq,domain,4-11 nohz_full=4-11 rcu_nocbs=4-11 rcu_nocb_poll irqaffinity=0-3,12-19");
    CHECK(layout.boot.args.size() == 5);
    CHECK(layout.workers[1].siblings.list() == "7");
    CHECK(layout.workers[1].node == NodeId{0});
    CHECK(layout.workers[1].llc == 0);
    CHECK(layout.workers[1].memory_nodes == std::vector<NodeId>{NodeId{0}});
    CHECK(layout.warnings.empty());
}

TEST_CASE("E2: more, fewer and other cores of a hybrid machine") {
    const Machine machine = worlds::i9_12900hk();
    check(machine, ask(5), "2,4,6,8,10", "2-11", "0-1,12-19");
    check(machine, ask(std::nullopt), "2,4,6,8,10", "2-11", "0-1,12-19");
    const Error error = refused(machine, ask(6));
    CHECK(error.kind == ErrorKind::infeasible);
    CHECK(error.what == "6 workers, 5 slots (node 0: 5)");
    CHECK(error.hint == "use --workers 5, --class any or --smt use");
    check(machine, of_class(6, ClassChoice::any), "2,4,6,8,10,19", "2-11,19", "0-1,12-18");
    check(machine, ask(1), "10", "10-11", "0-9,12-19");
    check(machine, of_class(4, ClassChoice::efficiency), "16,17,18,19", "16-19", "0-15");
}

TEST_CASE("E3: two nodes, spread, huddled and near a device") {
    const Machine machine = worlds::xeon_2x8();
    check(machine, ask(8), "4,5,6,7,12,13,14,15", "4-7,12-15,20-23,28-31", "0-3,8-11,16-19,24-27");
    check(machine, huddle(6), "2,3,4,5,6,7", "2-7,18-23", "0-1,8-17,24-31");
    check(machine, near_eth0(6, false), "10,11,12,13,14,15", "10-15,26-31", "0-9,16-25");
    const Error error = refused(machine, near_eth0(10, false));
    CHECK(error.what == "10 workers, 7 slots near eth0 (node 1: 7)");
    CHECK(error.hint == "use --workers 7, --spill (14 slots) or --smt use");
    CHECK(workers_of(planned(machine, near_eth0(10, true))) == "9,10,11,12,13,14,15,5,6,7");
    check(machine, ask(std::nullopt), "1,2,3,4,5,6,7,9,10,11,12,13,14,15", "1-7,9-15,17-23,25-31",
          "0,8,16,24");
}

TEST_CASE("E4: a package of many last-level caches") {
    const Machine machine = worlds::epyc_64();
    const Layout layout = planned(machine, ask(8));
    CHECK(workers_of(layout) == "7,15,23,31,39,47,55,63");
    CHECK(layout.isolated.list() == "7,15,23,31,39,47,55,63,71,79,87,95,103,111,119,127");
    CHECK(layout.boot.args[1].value == "7-127:1/8");
    CHECK(layout.boot.args[4].value == "0-126:7/8");
    CHECK(layout.workers[2].llc == 2);
    check(machine, huddle(8), "56,57,58,59,60,61,62,63", "56-63,120-127", "0-55,64-119");
    check(machine, huddle(7), "1,2,3,4,5,6,7", "1-7,65-71", "0,8-64,72-127");
    const Layout all = planned(machine, ask(std::nullopt));
    CHECK(all.workers.size() == 60);
    CHECK(all.workers.front().cpu == CpuId{4});
    CHECK(all.isolated.list() == "4-63,68-127");
    CHECK(all.housekeeping.list() == "0-3,64-67");
}

TEST_CASE("E5: machines with next to nothing") {
    using worlds::Numbering;
    for (const int threads : {1, 2}) {
        const Machine one = worlds::build(worlds::uniform(1, 1, 1, threads, Numbering::neighbours));
        check(one, ask(1), threads == 1 ? "0" : "1", "", threads == 1 ? "0" : "0-1");
        const Layout layout = planned(one, ask(1));
        CHECK_FALSE(layout.boot.cmdline.has_value());
        CHECK(layout.boot.args.empty());
        CHECK(layout.decisions.front().rule == "R10");
        CHECK(refused(one, ask(2)).kind == ErrorKind::infeasible);
    }
    check(worlds::build(worlds::uniform(1, 1, 2, 1, Numbering::neighbours)), ask(std::nullopt), "1", "1",
          "0");
}

TEST_CASE("E6: containers") {
    Machine split = worlds::i9_12900hk();
    worlds::confine(split, "5,7,9-13");
    const Error error = refused(split, ask(2));
    CHECK(error.kind == ErrorKind::infeasible);
    CHECK(error.what.rfind("2 workers, 1 slot (node 0: 1); 3 cores split", 0) == 0);
    CHECK(error.hint == "use --workers 1, --class any, --allow-split or --smt use");

    Machine inside = worlds::i9_12900hk();
    worlds::confine(inside, "4-11");
    const Layout four = planned(inside, ask(4));
    CHECK(workers_of(four) == "4,6,8,10");
    CHECK(four.housekeeping.empty());
    CHECK_FALSE(four.boot.cmdline.has_value());
    CHECK(four.boot.args.empty());
    check(inside, ask(3), "6,8,10", "6-11", "4-5");

    inside.host.cpu_quota = 2.5;
    const Error quota = refused(inside, ask(3));
    CHECK(quota.kind == ErrorKind::infeasible);
    CHECK(quota.hint.find("--workers 2") != std::string::npos);
    CHECK(planned(inside, ask(std::nullopt)).workers.size() == 2);
}

TEST_CASE("E7: memory without CPUs is not bound") {
    check(worlds::cxl(), ask(4), "4,5,6,7", "4-7,12-15", "0-3,8-11");
    CHECK(planned(worlds::cxl(), ask(4)).workers[0].memory_nodes == std::vector<NodeId>{NodeId{0}});
}

TEST_CASE("E8: nodes of different sizes") {
    check(worlds::asymmetric(), ask(9), "2,3,4,5,6,7,9,10,11", "2-7,9-11", "0-1,8");
}

TEST_CASE("E9: offline siblings of isolated cores are isolated too") {
    Machine machine = worlds::i9_12900hk();
    worlds::take_offline(machine, "5,9");
    check(machine, ask(4), "4,6,8,10", "4-11", "0-3,12-19");
}

TEST_CASE("E10: the fast cores of a machine that boots on a slow one") {
    check(worlds::big_little(), ask(4), "4,5,6,7", "4-7", "0-3");
}

TEST_CASE("E11: favoured cores are no class of their own") {
    check(worlds::i9_13900kf(), ask(std::nullopt), "2,4,6,8,10,12,14", "2-15", "0-1,16-31");
}

TEST_CASE("E12: two caches, each with fast and slow cores") {
    check(worlds::gb10(), ask(4), "8,9,18,19", "8-9,18-19", "0-7,10-17");
}
