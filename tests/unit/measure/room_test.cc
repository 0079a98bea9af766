// How much memory may be used: the machine's, the node's and the cgroup's word, whichever is least.
#include "measure/room.h"

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "catch.h"
#include "sys/memory_dir.h"

using namespace torque;
using namespace torque::measure;

namespace {

using Files = std::initializer_list<std::pair<const char*, const char*>>;

std::optional<std::uint64_t> room(const Files& files, std::optional<NodeId> node = {}) {
    auto tree = std::make_shared<MemoryNode>();
    for (const auto& [path, text] : files) {
        MemoryNode* file = tree->make(path);
        file->kind = MemoryNode::Kind::file;
        file->text = text;
    }
    return free_bytes(*memory_dir(tree, tree.get()), node);
}

constexpr std::pair<const char*, const char*> kMeminfo{"proc/meminfo",
                                                       "MemTotal: 9000 kB\nMemAvailable:    4000 kB\n"};
constexpr std::pair<const char*, const char*> kNode{"sys/devices/system/node/node1/meminfo",
                                                    "Node 1 MemTotal:  3000 kB\nNode 1 MemFree:  2000 kB\n"};

}  // namespace

TEST_CASE("what the machine has, and what the node has") {
    CHECK(room({kMeminfo, kNode}) == 4000u * 1024);
    CHECK(room({kMeminfo, kNode}, NodeId{1}) == 2000u * 1024);
    CHECK(room({kMeminfo}, NodeId{7}) == 4000u * 1024);
    CHECK_FALSE(room({}));
    CHECK_FALSE(room({{"proc/meminfo", "MemAvailable: much\n"}}));
}

TEST_CASE("what the tightest cgroup leaves") {
    const Files files{kMeminfo,
                      {"proc/self/cgroup", "0::/a/b\n"},
                      {"sys/fs/cgroup/a/b/memory.max", "max"},
                      {"sys/fs/cgroup/a/b/memory.current", "100"},
                      {"sys/fs/cgroup/a/memory.max", "1000"},
                      {"sys/fs/cgroup/a/memory.current", "400"}};
    CHECK(room(files) == 600u);
    CHECK(room({kMeminfo,
                {"proc/self/cgroup", "0::/\n"},
                {"sys/fs/cgroup/memory.max", "500"},
                {"sys/fs/cgroup/memory.current", "700"}}) == 0u);
    CHECK(room({{"proc/self/cgroup", "5:cpu,memory2:/\n4:memory:/x\n"},
                {"sys/fs/cgroup/memory/x/memory.limit_in_bytes", "900"},
                {"sys/fs/cgroup/memory/x/memory.usage_in_bytes", "100"}}) == 800u);
}
