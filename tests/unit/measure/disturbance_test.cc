// What the kernel says of time that others took, as files hold it.
#include "measure/disturbance.h"

#include <memory>
#include <string>

#include "catch.h"
#include "sys/memory_dir.h"

using namespace torque;
using namespace torque::measure;

namespace {

std::unique_ptr<Dir> holding(const std::string& path, const std::string& text) {
    auto tree = std::make_shared<MemoryNode>();
    MemoryNode* file = tree->make(path);
    file->kind = MemoryNode::Kind::file;
    file->text = text;
    return memory_dir(tree, tree.get());
}

// user nice system idle iowait irq softirq steal guest guest_nice
const std::string kStat =
    "cpu  40 0 40 400 0 0 0 60 7 7\n"
    "cpu0 10 0 10 70 0 0 0 10 7 7\n"
    "cpu1 20 0 20 130 0 0 0 30 0 0\n"
    "cpu2 10 0 10 200 0 0 0 20 0 0\n"
    "intr 99 1 2\n";

}  // namespace

TEST_CASE("steal is summed over the CPUs that are asked for, without guest time") {
    const auto times = read_steal(*holding("proc/stat", kStat), CpuSet{0, 1});
    REQUIRE(times);
    CHECK(times->lost == 40);
    CHECK(times->total == 300);
    CHECK(read_steal(*holding("proc/stat", kStat), CpuSet{7})->total == 0);
}

TEST_CASE("waiting is what a thread could have run for and did not") {
    const auto times = read_waiting(*holding("proc/thread-self/schedstat", "900 100 5"));
    REQUIRE(times);
    CHECK(times->lost == 100);
    CHECK(times->total == 1000);
}

TEST_CASE("files that tell nothing") {
    CHECK_FALSE(read_waiting(*holding("proc/stat", kStat)));
    CHECK_FALSE(read_waiting(*holding("proc/thread-self/schedstat", "9")));
    CHECK_FALSE(read_steal(*holding("proc/stat", "cpu0 1 2 3\n"), CpuSet{0}));
    CHECK_FALSE(read_steal(*holding("proc/stat", "cpu0 1 2 3 4 5 6 7 -8\n"), CpuSet{0}));
}

TEST_CASE("shares are of the time between two looks") {
    CHECK(Times{30, 300}.share_since({10, 100}) == 0.1);
    CHECK(Times{10, 100}.share_since({10, 100}) == 0);
    CHECK(Times{5, 50}.share_since({10, 100}) == 0);  // a counter that went backwards
}

TEST_CASE("a disturbed measurement says by what") {
    CHECK_FALSE(Disturbance{0.05, 0.02}.reason());
    CHECK(Disturbance{0.06, 0}.reason()->find("6.0 %") != std::string::npos);
    CHECK(Disturbance{0, 0.3}.reason()->find("hypervisor took 30.0 %") != std::string::npos);
}

TEST_CASE("a watch tells of the time since it was made") {
    auto tree = std::make_shared<MemoryNode>();
    MemoryNode* file = tree->make("proc/stat");
    file->kind = MemoryNode::Kind::file;
    file->text = kStat;
    const auto root = memory_dir(tree, tree.get());
    DisturbanceWatch watch(*root, CpuSet{0});
    CHECK(watch.so_far().steal == 0);
    file->text = "cpu0 10 0 10 160 0 0 0 20 7 7\n";
    watch.add_waiting({10, 400});
    watch.add_waiting({30, 400});
    CHECK(watch.so_far().steal == 0.1);
    CHECK(watch.so_far().waiting == 0.05);
    file->text.clear();
    CHECK(watch.so_far().steal == 0);
}
