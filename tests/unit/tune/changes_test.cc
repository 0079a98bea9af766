#include "tune/changes.h"

#include "catch.h"
#include "sys/memory_dir.h"
#include "tune/knob_undo.h"
#include "tune/tuning_files.h"

using namespace torque;
using tune::Change;

namespace {

std::vector<Change> propose(const Layout& layout, const std::map<std::string, std::string>& files) {
    auto tree = std::make_shared<MemoryNode>();
    for (const auto& [path, text] : files) {
        MemoryNode* node = tree->make(path);
        node->kind = MemoryNode::Kind::file;
        node->text = text;
    }
    const auto root = memory_dir(tree, tree.get());
    auto changes = tune::propose_changes(layout, *root);
    REQUIRE(changes.has_value());
    return *changes;
}

std::string value_of(const std::vector<Change>& changes, const std::string& path) {
    for (const Change& change : changes) {
        if (change.path == path) return change.value;
    }
    return "none";
}

Layout layout_with(std::vector<RuntimeKnob> runtime, std::vector<BootArg> args = {}) {
    Layout layout;
    layout.isolated = CpuSet::range(4, 7);
    layout.housekeeping = CpuSet::range(0, 3);
    layout.runtime = std::move(runtime);
    layout.boot.args = std::move(args);
    if (!layout.boot.args.empty()) layout.boot.cmdline = "something";
    return layout;
}

}  // namespace

TEST_CASE("changes: the layout's files in order, and the groups that they need before them") {
    const Layout layout = layout_with({{"/sys/fs/cgroup/cgroup.subtree_control", "+cpuset", ""},
                                       {"/sys/fs/cgroup/torque/cpuset.cpus", "4-7", ""},
                                       {"/proc/sys/vm/stat_interval", "10", ""}});
    auto changes = propose(layout, {{"sys/fs/cgroup/cgroup.controllers", "cpuset"}});
    REQUIRE(changes.size() >= 4);
    CHECK(changes[1].kind == Change::Kind::folder);
    CHECK(changes[1].path == "/sys/fs/cgroup/torque");
    CHECK(changes[2].path == "/sys/fs/cgroup/torque/cpuset.cpus");
    CHECK_FALSE(changes[2].may_lack);
    changes = propose(layout, {{"sys/fs/cgroup/torque/cpuset.cpus", ""}});
    CHECK(changes[1].path == "/sys/fs/cgroup/torque/cpuset.cpus");
}

TEST_CASE("changes: what keeps interrupts, packets and kernel work off the isolated CPUs") {
    const auto changes = propose(layout_with({{"/proc/irq/32/smp_affinity_list", "4", "a worker's queue"}}),
                                 {{"proc/irq/30/smp_affinity_list", "0-7"},
                                  {"proc/irq/31/smp_affinity_list", "5"},
                                  {"proc/irq/32/smp_affinity_list", "0-7"},
                                  {"proc/irq/33/smp_affinity_list", "2"},
                                  {"sys/devices/virtual/workqueue/cpumask", "ff"},
                                  {"sys/class/net/eth0/queues/rx-0/rps_cpus", "f8"},
                                  {"sys/class/net/eth0/queues/rx-1/rps_cpus", "f0"},
                                  {"sys/class/net/eth0/queues/rx-2/rps_cpus", "00"}});
    CHECK(value_of(changes, "/proc/irq/30/smp_affinity_list") == "0-3");
    CHECK(value_of(changes, "/proc/irq/31/smp_affinity_list") == "0-3");
    CHECK(value_of(changes, "/proc/irq/32/smp_affinity_list") == "4");
    CHECK(value_of(changes, "/proc/irq/33/smp_affinity_list") == "none");
    CHECK(value_of(changes, "/proc/irq/default_smp_affinity") == "0000000f");
    CHECK(value_of(changes, "/sys/devices/virtual/workqueue/cpumask") == "0000000f");
    CHECK(value_of(changes, "/sys/devices/virtual/workqueue/writeback/cpumask") == "none");
    CHECK(value_of(changes, "/sys/class/net/eth0/queues/rx-0/rps_cpus") == "00000008");
    CHECK(value_of(changes, "/sys/class/net/eth0/queues/rx-1/rps_cpus") == "0");
    CHECK(value_of(changes, "/sys/class/net/eth0/queues/rx-2/rps_cpus") == "none");
}

TEST_CASE("changes: what of a boot line needs no boot") {
    const auto changes = propose(layout_with({}, {{"nowatchdog", "", "", "", ""},
                                                  {"transparent_hugepage", "never", "", "", ""},
                                                  {"numa_balancing", "enable", "", "", ""},
                                                  {"cpufreq.default_governor", "performance", "", "", ""},
                                                  {"hugepages", "8", "", "", ""},
                                                  {"hugepagesz", "1G", "", "", ""},
                                                  {"hugepages", "2", "", "", ""},
                                                  {"nohz_full", "4-7", "", "", ""}}),
                                 {{"sys/devices/system/cpu/cpu5/cpufreq/scaling_governor", "powersave"},
                                  {"sys/devices/system/cpu/cpu6/online", "1"}});
    CHECK(value_of(changes, "/proc/sys/kernel/watchdog") == "0");
    CHECK(value_of(changes, "/sys/kernel/mm/transparent_hugepage/enabled") == "never");
    CHECK(value_of(changes, "/proc/sys/kernel/numa_balancing") == "none");
    CHECK(value_of(changes, "/sys/devices/system/cpu/cpu5/cpufreq/scaling_governor") == "performance");
    CHECK(value_of(changes, "/sys/devices/system/cpu/cpu6/cpufreq/scaling_governor") == "none");
    CHECK(value_of(changes, "/proc/sys/vm/nr_hugepages") == "8");
    CHECK(value_of(changes, "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages") == "2");
}

TEST_CASE("changes: nothing for a layout that asks for nothing") {
    CHECK(propose(layout_with({}), {{"proc/irq/30/smp_affinity_list", "0-7"}}).empty());
}

TEST_CASE("changes: files that are not for tuning are refused") {
    for (const char* path :
         {"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/etc/passwd", "/dev/mem",
          "/proc/1/mem", "/sys/fs/cgroup/x/release_agent", "/sys/kernel/uevent_helper",
          "/proc/sys/vm/../kernel/core_pattern", "/sys/devices/system/cpu/../../../../etc/x",
          "/proc/sys/vm/a b", "/proc/sys/vm/\x1b", "proc/sys/vm/x", "/proc/sys/vm/..", "/proc/sys/vm/", ""}) {
        INFO(path);
        CHECK_FALSE(tune::is_tuning_file(path));
        auto tree = std::make_shared<MemoryNode>();
        const auto root = memory_dir(tree, tree.get());
        CHECK_FALSE(tune::propose_changes(layout_with({{path, "1", ""}}), *root).has_value());
    }
    for (const char* path : {"/proc/irq/default_smp_affinity", "/sys/devices/system/cpu/cpu5/online",
                             "/sys/fs/cgroup/torque/cpuset.cpus.partition", "/proc/sys/vm/stat_interval"}) {
        INFO(path);
        CHECK(tune::is_tuning_file(path));
    }
}

TEST_CASE("changes: no partition beside what was isolated at boot") {
    const Layout layout = layout_with({{"/sys/fs/cgroup/torque/cpuset.cpus.partition", "isolated", ""}});
    Machine machine;
    CHECK(tune::partition_conflict(layout, machine).empty());
    machine.host.isolated = CpuSet{4, 5};
    CHECK(tune::partition_conflict(layout, machine).empty());
    machine.host.nohz_full = CpuSet{2};
    CHECK(tune::partition_conflict(layout, machine).find("2,4-5") != std::string::npos);
    CHECK(tune::partition_conflict(layout_with({}), machine).empty());
}

TEST_CASE("undo: what a file takes to hold again what it held") {
    const std::string control = "/sys/fs/cgroup/cgroup.subtree_control";
    CHECK(tune::knob_undo(control, "cpu io\n", "+cpuset\n") == "-cpuset\n");
    CHECK(tune::knob_undo(control, "cpuset io\n", "+cpuset\n") == "");
    CHECK(tune::knob_undo(control, "cpu io\n", "+cpuset -io\n") == "-cpuset +io\n");
    CHECK(tune::knob_undo("/sys/fs/cgroup/a/cpuset.cpus", "\n", "4\n") == "\n");
    CHECK(tune::knob_undo("/sys/fs/cgroup/a/cpuset.cpus.partition", "root invalid (x)\n", "isolated\n") ==
          "root\n");
    CHECK(tune::knob_undo("/sys/kernel/mm/x", "always [madvise] never\n", "never\n") == "madvise\n");
    CHECK(tune::knob_undo("/proc/sys/vm/x", "1\n", "2\n") == "1\n");
    CHECK(tune::knob_is_back("/proc/irq/3/smp_affinity_list", "0-3\n", "1\n", "0,1,2,3\n"));
    CHECK(tune::knob_is_back(control, "cpu io\n", "+cpuset\n", "io cpu memory\n"));
    CHECK_FALSE(tune::knob_is_back(control, "cpu io\n", "+cpuset\n", "cpuset cpu io\n"));
    CHECK_FALSE(tune::knob_is_back("/sys/kernel/mm/x", "always [madvise] never\n", "never\n",
                                   "always madvise [never]\n"));
}
