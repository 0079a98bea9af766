#include "catch.h"
#include "tune/run.h"

using namespace torque;

namespace {

Worker worker(int id, int cpu, std::vector<NodeId> nodes) {
    Worker out;
    out.id = id;
    out.cpu = CpuId{cpu};
    out.memory_nodes = std::move(nodes);
    return out;
}

}  // namespace

TEST_CASE("run: a worker's CPU and memory, or those of all") {
    Layout layout;
    CHECK_FALSE(tune::confinement(layout, std::nullopt).has_value());
    layout.workers = {worker(0, 8, {NodeId{1}}), worker(1, 4, {NodeId{0}}), worker(2, 6, {NodeId{1}})};
    const auto one = tune::confinement(layout, 1);
    REQUIRE(one.has_value());
    CHECK(one->cpus == CpuSet{4});
    CHECK(one->memory_nodes == std::vector<NodeId>{NodeId{0}});
    const auto all = tune::confinement(layout, std::nullopt);
    REQUIRE(all.has_value());
    CHECK(all->cpus == CpuSet{4, 6, 8});
    CHECK(all->memory_nodes == std::vector<NodeId>{NodeId{0}, NodeId{1}});
    layout.workers[1].memory_nodes.clear();  // whose memory is bound nowhere
    CHECK(tune::confinement(layout, std::nullopt)->memory_nodes.empty());
}

TEST_CASE("run: no such worker") {
    Layout layout;
    layout.workers = {worker(0, 1, {})};
    for (int id : {1, -1, 1 << 20}) {
        const auto none = tune::confinement(layout, id);
        REQUIRE_FALSE(none.has_value());
        CHECK(none.error().kind == ErrorKind::usage);
        CHECK(none.error().hint == "it has worker 0 alone");
    }
}

TEST_CASE("run: a CPU that no kernel has is refused before the kernel is asked") {
    const auto refused = confine({{CpuSet::kMaxCpu}, {}});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().what.find("no kernel has so many") != std::string::npos);
}
