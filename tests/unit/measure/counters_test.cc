// What the kernel counts of each CPU, as its files have it.
#include "measure/counters.h"

#include <memory>

#include "catch.h"
#include "sys/memory_dir.h"

using namespace torque;
using namespace torque::measure;

namespace {

std::vector<Counter> read(const std::string& interrupts, const std::string& softirqs, const CpuSet& cpus) {
    auto tree = std::make_shared<MemoryNode>();
    for (const auto& file :
         {std::pair("proc/interrupts", interrupts), std::pair("proc/softirqs", softirqs)}) {
        MemoryNode* node = tree->make(file.first);
        node->kind = MemoryNode::Kind::file;
        node->text = file.second;
    }
    return read_counters(*memory_dir(tree, tree.get()), cpus);
}

const std::string kInterrupts =
    "           CPU0       CPU2       CPU3       \n"
    "  0:         12          0          1   IO-APIC   2-edge      timer\n"
    " 36:          0         25        300 PCI-MSIX-0000:00:02.0   1-edge      nvme0q1\n"
    " 40:          1          2          3\n"
    "LOC:      13000      14000      15000   Local timer interrupts\n"
    "ERR:          7\n";
const std::string kSoftirqs =
    "                    CPU0       CPU1       CPU2       CPU3\n"
    "       TIMER:          5          6          7          8\n";

std::string text_of(const Counter& counter) {
    std::string text = counter.name + " \"" + counter.what + "\"";
    for (const std::uint64_t count : counter.counts) text += " " + std::to_string(count);
    return text;
}

}  // namespace

TEST_CASE("columns are the CPUs that the title names") {
    const auto counters = read(kInterrupts, kSoftirqs, CpuSet{0, 3});
    REQUIRE(counters.size() == 5);
    CHECK(text_of(counters[0]) == "0 \"timer\" 12 1");
    CHECK(text_of(counters[1]) == "36 \"nvme0q1\" 0 300");
    CHECK(text_of(counters[2]) == "40 \"\" 1 3");
    CHECK(text_of(counters[3]) == "LOC \"Local timer interrupts\" 13000 15000");
    CHECK(text_of(counters[4]) == "TIMER \"\" 5 8");
    CHECK(counters[4].kind == Counter::Kind::softirq);
}

TEST_CASE("what moved comes first by how much") {
    const auto before = read(kInterrupts, kSoftirqs, CpuSet{0, 3});
    auto after = before;
    after[0].counts[0] += 2;
    after[3].counts = {13'100, 15'003};
    after[2].counts = {0, 3};  // went backwards: another device
    after[4].counts[1] += 50;
    const auto rows = moved(before, after);
    REQUIRE(rows.size() == 3);
    CHECK(text_of(rows[0]) == "LOC \"Local timer interrupts\" 100 3");
    CHECK(text_of(rows[1]) == "TIMER \"\" 0 50");
    CHECK(text_of(rows[2]) == "0 \"timer\" 2 0");
    CHECK(moved(before, before).empty());
}

TEST_CASE("files that tell nothing, and CPUs that they do not name") {
    CHECK(read("", "", CpuSet{0}).empty());
    CHECK(read("no title\n 1: 2 3\n", "CPU0\n", CpuSet{0}).empty());
    CHECK(read("CPU0 CPU1\n  7: 1\nLOC: 1 x\n", "", CpuSet{0}).empty());
    CHECK(read("CPU99999999999\n LOC: 1 a\n", "", CpuSet{0})[0].counts == std::vector<std::uint64_t>{0});
    CHECK(read(kInterrupts, "", CpuSet{9})[0].counts == std::vector<std::uint64_t>{0});
}
