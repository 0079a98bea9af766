#include "sys/memory_dir.h"

#include "catch.h"

using torque::Dir;
using torque::MemoryNode;

namespace {

void add(MemoryNode& tree, const char* path, const char* text,
         MemoryNode::Kind kind = MemoryNode::Kind::file) {
    MemoryNode* node = tree.make(path);
    REQUIRE(node != nullptr);
    node->kind = kind;
    node->text = text;
}

// A snapshot in a folder "machine", with a file beside it that no path may reach.
std::unique_ptr<Dir> machine() {
    auto tree = std::make_shared<MemoryNode>();
    const auto link = MemoryNode::Kind::link;
    add(*tree, "secret", "outside\n");
    add(*tree, "machine/sys/devices/system/cpu/online", "0-3\n");
    add(*tree, "machine/sys/devices/pci0/net/eth0/speed", "1000");
    add(*tree, "machine/sys/class/net/eth0", "../../devices/pci0/net/eth0", link);
    add(*tree, "machine/absolute", "/sys/devices/system/cpu/online", link);
    add(*tree, "machine/outwards", "../../../../secret", link);
    add(*tree, "machine/loop", "loop", link);
    add(*tree, "machine/dangling", "nowhere", link);
    const MemoryNode* root = tree->make("machine");
    return torque::memory_dir(std::move(tree), root);
}

}  // namespace

TEST_CASE("files are read without their final newline") {
    const auto root = machine();
    CHECK(root->read("sys/devices/system/cpu/online") == "0-3");
    CHECK(root->read("/sys//devices/./system/cpu/online") == "0-3");
    CHECK_FALSE(root->read("sys/devices/system/cpu").has_value());
    CHECK_FALSE(root->read("sys/devices/system/cpu/online/x").has_value());
}

TEST_CASE("links are followed within the snapshot, as the kernel would from its root") {
    const auto root = machine();
    CHECK(root->read("sys/class/net/eth0/speed") == "1000");
    CHECK(root->read("absolute") == "0-3");
    CHECK(root->link("sys/class/net/eth0") == "../../devices/pci0/net/eth0");
    CHECK_FALSE(root->link("sys/class/net").has_value());

    const auto interface = root->open("sys/class/net/eth0");
    REQUIRE(interface != nullptr);
    CHECK(interface->read("speed") == "1000");
    CHECK(interface->list("..") == std::vector<std::string>{"eth0"});
}

TEST_CASE("no path leads out of the snapshot") {
    const auto root = machine();
    CHECK_FALSE(root->read("../secret").has_value());
    CHECK_FALSE(root->read("outwards").has_value());
    CHECK(root->read("../../sys/devices/system/cpu/online") == "0-3");
    const auto cpu = root->open("sys/devices/system/cpu");
    CHECK_FALSE(cpu->read("../../../../../secret").has_value());
}

TEST_CASE("links that lead nowhere are absent") {
    const auto root = machine();
    CHECK_FALSE(root->read("loop").has_value());
    CHECK_FALSE(root->read("dangling").has_value());
    CHECK(root->open("loop") == nullptr);
}

TEST_CASE("entries are listed in order, and numbered ones by number") {
    auto tree = std::make_shared<MemoryNode>();
    for (const char* name : {"cpu10", "cpu2", "cpufreq", "cpu0", "cpu007", "cpu", "cpu-1", "online"})
        tree->make(name);
    const MemoryNode* top = tree.get();
    const auto root = torque::memory_dir(tree, top);
    CHECK(torque::numbered_entries(*root, "", "cpu") == std::vector<int>{0, 2, 10});
    CHECK(root->list("").front() == "cpu");
    CHECK(root->list("nothing").empty());
}
