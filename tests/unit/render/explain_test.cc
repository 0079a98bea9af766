#include "render/explain.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "base/parse.h"
#include "catch.h"

using torque::Layout;
using torque::render_explanation;
using torque::TreeStyle;
using torque::Worker;

namespace {

Layout two_workers() {
    Layout layout;
    layout.machine.model = "Test CPU";
    layout.profile = "latency";
    for (int i = 0; i < 2; ++i) {
        Worker worker;
        worker.id = i;
        worker.cpu = {4 + 2 * i};
        worker.core = {2 + i};
        worker.siblings = {5 + 2 * i};
        worker.node = torque::NodeId{0};
        worker.llc = 0;
        worker.memory_nodes = {torque::NodeId{0}};
        worker.buffers = {256, 4096};
        layout.workers.push_back(worker);
    }
    layout.isolated = torque::CpuSet::range(4, 7);
    layout.housekeeping = torque::CpuSet::range(0, 3);
    layout.boot.cmdline = "isolcpus=managed_irq,domain,4-7 nohz_full=4-7";
    layout.boot.args = {{"isolcpus", "managed_irq,domain,4-7", "keeps other tasks away", "no balancing", ""},
                        {"nohz_full", "4-7", "no tick", "slower system calls", "CONFIG_NO_HZ_FULL"}};
    layout.runtime = {{"/sys/devices/virtual/workqueue/cpumask", "0000000f", "work stays on housekeeping"}};
    layout.decisions = {{"R1", "2 workers fit on 4 cores"}};
    layout.warnings = {"CPU 0 has no\x07 bell"};
    layout.leftovers = {"interrupt 24 is managed"};
    return layout;
}

}  // namespace

TEST_CASE("a plan is explained from the workers to what is left over") {
    CHECK(render_explanation(two_workers(), {}) == R"(2 workers on Test CPU, CPUs 4,6, profile latency
The other threads of their cores, 5,7, stay idle.

Workers
  worker  CPU  siblings  core  LLC  node  memory from  receive buffers
       0    4         5     2    0     0  node 0       256 × 4 KiB
       1    6         7     3    0     0  node 0       256 × 4 KiB

Who runs where
  isolated      4-7  4 CPUs
  housekeeping  0-3  4 CPUs

Boot line
  isolcpus=managed_irq,domain,4-7 nohz_full=4-7

  isolcpus   keeps other tasks away · costs: no balancing
  nohz_full  no tick · costs: slower system calls · needs: CONFIG_NO_HZ_FULL

Without a reboot
  /sys/devices/virtual/workqueue/cpumask = 0000000f  work stays on housekeeping

Why
  R1  2 workers fit on 4 cores

Warnings
  - CPU 0 has no\x07 bell

Left over
  - interrupt 24 is managed
)");
}

TEST_CASE("the boot line can be copied whole, and long reasons wrap beside their rule") {
    Layout layout = two_workers();
    layout.decisions = {{"R7", "one two three four five six seven eight nine ten eleven twelve thirteen"}};
    TreeStyle style;
    style.width = 50;
    const std::string text = render_explanation(layout, style);
    CHECK(text.find("  R7  one two three four five six seven eight nine\n"
                    "      ten eleven twelve thirteen\n") != text.npos);
}

TEST_CASE("many workers that share a home are one row") {
    Layout layout;
    for (int i = 0; i < 64; ++i) {
        Worker worker;
        worker.id = worker.cpu.value = worker.core.value = i;
        worker.node = torque::NodeId{i / 32};
        layout.workers.push_back(worker);
    }
    const std::string text = render_explanation(layout, {});
    CHECK(text.find("    0-31   0-31   0-31     0\n") != text.npos);
    CHECK(text.find("   32-63  32-63  32-63     1\n") != text.npos);
}
