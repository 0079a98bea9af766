// Which pages the kernel gave, by /proc/self/smaps.
#include "measure/backing.h"

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

std::optional<Backing> backing(const std::string& smaps, std::uint64_t address) {
    return read_backing(*holding("proc/self/smaps", smaps), address);
}

std::optional<std::map<int, std::uint64_t>> by_node(const std::string& maps, std::uint64_t address) {
    return read_numa_maps(*holding("proc/self/numa_maps", maps), address);
}

const std::string kSmaps =
    "7f0000000000-7f0000200000 rw-p 00000000 00:00 0 \n"
    "Size:               2048 kB\n"
    "KernelPageSize:        4 kB\n"
    "Rss:                2048 kB\n"
    "AnonHugePages:         0 kB\n"
    "VmFlags: rd wr mr mw me ac sd nh\n"
    "7f0000200000-7f0000600000 rw-p 00000000 00:00 0 \n"
    "Rss:                4096 kB\n"
    "AnonHugePages:      2048 kB\n"
    "VmFlags: rd wr mr mw me ac sd hg\n"
    "7f0000600000-7f0000800000 rw-p 00000000 00:0f 1 /anon_hugepage (deleted)\n"
    "Rss:                   0 kB\n"
    "Private_Hugetlb:    2048 kB\n";

}  // namespace

TEST_CASE("a mapping's pages are told from its neighbours'") {
    CHECK(backing(kSmaps, 0x7f0000000000)->huge_share() == 0);
    CHECK(backing(kSmaps, 0x7f0000000000)->resident_bytes == 2048 * 1024);
    CHECK(backing(kSmaps, 0x7f0000200000)->huge_share() == 0.5);
}

TEST_CASE("reserved pages are huge ones") {
    CHECK(backing(kSmaps, 0x7f0000600000)->huge_share() == 1);
}

TEST_CASE("nothing is said of what the kernel does not tell") {
    CHECK_FALSE(backing(kSmaps, 0x7f0000001000));
    CHECK_FALSE(backing("", 0));
    CHECK(backing("7f0000000000-7f0000200000 rw-p\nRss: many kB\nRss: 1 MB\n", 0x7f0000000000)
              ->resident_bytes == 0);
    CHECK(Backing{}.huge_share() == 0);
}

TEST_CASE("pages are counted by their nodes") {
    const std::string maps =
        "7f0000000000 default anon=3 dirty=3 N0=1 N2=2 kernelpagesize_kB=4\n"
        "7f0000200000 bind:1 anon=512 dirty=512 N1=512 kernelpagesize_kB=4\n";
    CHECK(by_node(maps, 0x7f0000000000) == std::map<int, std::uint64_t>{{0, 1}, {2, 2}});
    CHECK(by_node(maps, 0x7f0000200000) == std::map<int, std::uint64_t>{{1, 512}});
    CHECK_FALSE(by_node(maps, 0x7f0000001000));
    CHECK(by_node("10 default N=1 Nx=2 N9999=3 N1=x\n", 0x10) == std::map<int, std::uint64_t>{});
}
