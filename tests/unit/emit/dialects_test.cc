// The dialect of each program where it bites: order, limits, several nodes, no housekeeping, CPUs beyond a
// word.
#include "catch.h"
#include "unit/emit/layouts.h"

using namespace torque;
using layouts::body;
using layouts::error;
using layouts::many;

namespace {

bool holds(const std::string& all, const std::string& part) {
    return all.find(part) != all.npos;
}

Layout on_cpus(std::initializer_list<int> cpus) {
    Layout layout = many(static_cast<int>(cpus.size()));
    std::size_t i = 0;
    for (const int cpu : cpus) layout.workers[i++].cpu = CpuId{cpu};
    return layout;
}

}  // namespace

TEST_CASE("HAProxy binds thread after thread to ascending CPUs, whatever the workers' order") {
    CHECK(body("haproxy", on_cpus({2, 3, 5})) == "global\n    nbthread 3\n    cpu-map auto:1/1-3 2-3 5\n");
    CHECK(body("haproxy", on_cpus({5, 2})) == "global\n    nbthread 2\n    cpu-map auto:1/1-2 2 5\n");
    CHECK(body("haproxy", on_cpus({7})) == "global\n    nbthread 1\n    cpu-map 1/all 7\n");
}

TEST_CASE("HAProxy: workers that share CPUs") {
    CHECK(body("haproxy", on_cpus({5, 5})) == "global\n    nbthread 2\n    cpu-map 1/all 5\n");
    CHECK(body("haproxy", on_cpus({2, 4, 2, 4, 4})) ==
          "global\n    nbthread 5\n    cpu-map auto:1/1-2 2 4\n    cpu-map auto:1/3-4 2 4\n"
          "    cpu-map 1/5 4\n");
}

TEST_CASE("Seastar has one shard a CPU") {
    CHECK(body("seastar", on_cpus({5, 2})) == "--smp 2 --cpuset 5,2\n");
    CHECK(holds(error("seastar", on_cpus({5, 5})).what, "seastar"));
    CHECK(holds(error("scylla", on_cpus({5, 2, 5})).hint, "--oversubscribe"));
    CHECK(body("nginx", on_cpus({2, 2})) == "worker_processes 2;\nworker_cpu_affinity 100 100;\n");
}

TEST_CASE("HAProxy takes 64 words a line") {
    Layout layout = many(64);
    for (Worker& worker : layout.workers) worker.cpu = CpuId{2 * worker.id};
    const std::string text = body("haproxy", layout);
    CHECK(holds(text, "    cpu-map auto:1/1-32 0 2 4 "));
    CHECK(holds(text, " 62\n    cpu-map auto:1/33-64 64 66 "));
}

TEST_CASE("HAProxy: beyond 64 threads there are groups, which do not span nodes where they need not") {
    CHECK_FALSE(holds(body("haproxy", many(64)), "thread-group"));
    const std::string two = body("haproxy", many(65));
    CHECK(holds(two,
                "    nbthread 65\n    thread-groups 2\n    thread-group 1 1-64\n    thread-group 2 65-65\n"));
    CHECK(holds(two, "    cpu-map auto:1/1-32 1-32\n    cpu-map auto:1/33-64 33-64\n    cpu-map 2/all 65\n"));

    Layout nodes = many(80);
    for (std::size_t i = 48; i < 80; ++i) nodes.workers[i].node = NodeId{1};
    CHECK(holds(body("haproxy", nodes), "    thread-group 1 1-48\n    thread-group 2 49-80\n"));
    CHECK(holds(body("haproxy", nodes), "    cpu-map auto:2/1-32 49-80\n"));
    for (std::size_t i = 0; i < 80; ++i) nodes.workers[i].node = NodeId{static_cast<int>(i % 2)};
    CHECK(
        holds(body("haproxy", nodes), "    thread-groups 2\n"));  // and not 80, of which there are 16 at most

    CHECK(holds(body("haproxy", many(256)), "    thread-groups 4\n"));
    CHECK(holds(error("haproxy", many(257)).what, "256"));
    CHECK(holds(body("haproxy", on_cpus({1023})), " 1023\n"));
    CHECK(holds(error("haproxy", on_cpus({1024})).what, "1024"));
}

TEST_CASE("nginx: a digit for each CPU, up to the width of its masks") {
    CHECK(body("nginx", on_cpus({0, 1})) == "worker_processes 2;\nworker_cpu_affinity 1 10;\n");
    CHECK(body("nginx", on_cpus({1023})) ==
          "worker_processes 1;\nworker_cpu_affinity 1" + std::string(1023, '0') + ";\n");
    CHECK(holds(error("nginx", on_cpus({1024})).what, "1024"));
    CHECK(holds(body("nginx", many(1000)), "worker_processes 1000;"));
    CHECK(holds(error("nginx", many(1001)).what, "1001"));
    CHECK(holds(error("nginx", on_cpus({CpuSet::kMaxCpu})).what, "1048575"));
}

TEST_CASE("DPDK: lcores are few, CPUs many; the main lcore needs a place") {
    CHECK(body("dpdk", on_cpus({300, 200})) == "--lcores '0@0,1@300,2@200' --main-lcore 0\n");
    CHECK(holds(body("dpdk", many(127)), ",127@127' "));
    CHECK(holds(error("dpdk", many(128)).what, "128"));
    Layout alone = many(128);
    alone.housekeeping = {};
    CHECK(holds(body("dpdk", alone), "--lcores '0@1,1@2,"));
}

TEST_CASE("masks in hwloc's form name every word, also the empty ones") {
    Layout layout = on_cpus({64});
    layout.housekeeping = {0, 96};
    CHECK(body("perftune", layout) ==
          "cpu_mask: '0x00000001,0x00000001,0x00000000,0x00000001'\nirq_cpu_mask: "
          "'0x00000001,0x00000000,0x00000000,0x00000001'\n");
}

TEST_CASE(
    "memory nodes: all of them for a program, each worker's own for a process, none where none is bound") {
    const Layout numa = layouts::numa();
    CHECK(holds(body("systemd-unit", numa), "NUMAMask=0-1\n"));
    CHECK(holds(body("docker", numa), " --cpuset-mems=0-1\n"));
    CHECK(holds(body("cgroup", numa), "echo 0-1 >\"$group/cpuset.mems\"\n"));
    CHECK(holds(layouts::text("libvirt", numa), "nodeset='0-1'"));
    CHECK(holds(body("numactl", numa), "--physcpubind=7 --membind=0 "));
    CHECK(holds(body("numactl", numa), "--physcpubind=12 --membind=1 "));
    const Layout unbound = many(2);
    CHECK_FALSE(holds(body("systemd-unit", unbound), "NUMA"));
    CHECK_FALSE(holds(body("docker", unbound), "mems"));
    CHECK_FALSE(holds(body("cgroup", unbound), "mems"));
    CHECK_FALSE(holds(layouts::text("libvirt", unbound), "numatune"));
    CHECK(holds(body("numactl", unbound), "numactl --all --physcpubind=2 \"$@\""));
}

TEST_CASE("in a container that is full of workers, what can be said without housekeeping CPUs is said") {
    Layout full = many(2);
    full.housekeeping = {};
    CHECK(body("redis", full) == "server_cpulist 1\n");
    CHECK(holds(layouts::text("libvirt", full), "<vcpu placement='static'>2</vcpu>\n"));
    CHECK_FALSE(holds(layouts::text("libvirt", full), "emulatorpin"));
    full.isolated = {};
    CHECK(body("systemd-unit", full) == "[Service]\nCPUAffinity=1-2\n");
    CHECK(body("docker", full) == "--cpuset-cpus=1-2\n");
}

TEST_CASE("what divides a machine is not written from a plan for a part of it") {
    Layout part = layouts::seed();
    part.housekeeping = {0, 1, 2, 3};  // and not 12-19
    for (const char* format : {"kubelet", "openshift", "slurm"}) {
        CHECK(holds(error(format, part).what, format));
        CHECK(holds(error(format, part).hint, "container"));
    }
    CHECK(body("systemd-manager", part) == "[Manager]\nCPUAffinity=0-3\n");
}

TEST_CASE("no format but the boot line has strides") {
    Layout layout = layouts::seed();
    layout.boot.args = {{"nohz_full", "7-127:1/8", "", "", ""}};
    layout.boot.cmdline = "nohz_full=7-127:1/8";
    layout.isolated = {7, 15, 23, 31};
    CHECK(body("bls", layout) == "options nohz_full=7-127:1/8\n");
    CHECK(holds(body("grub", layout), "GRUB_CMDLINE_LINUX_DEFAULT nohz_full=7-127:1/8\""));
    CHECK(body("irqbalance", layout) == "IRQBALANCE_BANNED_CPULIST=7,15,23,31\n");
    CHECK(body("tuned", layout) == "isolated_cores=7,15,23,31\nno_balance_cores=7,15,23,31\n");
}

TEST_CASE("Redis: with one run of housekeeping CPUs, threads and forks share it") {
    Layout layout = many(1);
    layout.housekeeping = CpuSet::range(0, 3);
    CHECK(body("redis", layout) ==
          "server_cpulist 1\nbio_cpulist 0-3\naof_rewrite_cpulist 0-3\nbgsave_cpulist 0-3\n");
}
