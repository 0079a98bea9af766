// The seed's plan in each format: the values that the programs' manuals and the programs themselves accept.
#include "catch.h"
#include "unit/emit/layouts.h"

using layouts::body;
using layouts::text;

namespace {

const char* const kLine =
    "isolcpus=managed_irq,domain,4-11 nohz_full=4-11 rcu_nocbs=4-11 rcu_nocb_poll irqaffinity=0-3,12-19";

bool holds(const std::string& all, const std::string& part) {
    return all.find(part) != all.npos;
}

}  // namespace

TEST_CASE("the seed's boot line, for each that keeps one") {
    const torque::Layout seed = layouts::seed();
    const std::string line = kLine;
    CHECK(text("boot", seed) == line + "\n");
    CHECK(holds(text("grub", seed),
                "GRUB_CMDLINE_LINUX_DEFAULT=\"$GRUB_CMDLINE_LINUX_DEFAULT " + line + "\"\n"));
    CHECK(
        body("grubby", seed) ==
        "grubby --update-kernel=ALL --remove-args=\"isolcpus nohz_full rcu_nocbs rcu_nocb_poll irqaffinity\" "
        "--args=\"" +
            line + "\"\n");
    CHECK(body("bls", seed) == "options " + line + "\n");
    CHECK(body("kernelstub", seed) == "kernelstub -a \"" + line + "\"\n");
    CHECK(body("bootc", seed) ==
          "kargs = [\"isolcpus=managed_irq,domain,4-11\", \"nohz_full=4-11\", \"rcu_nocbs=4-11\", "
          "\"rcu_nocb_poll\", \"irqaffinity=0-3,12-19\"]\n");
    CHECK(holds(body("rpm-ostree", seed), "--append-if-missing=rcu_nocb_poll \\\n"));
    CHECK(holds(body("systemd-boot", seed), line));
}

TEST_CASE("the seed's plan for the running system") {
    const torque::Layout seed = layouts::seed();
    CHECK(body("systemd-manager", seed) == "[Manager]\nCPUAffinity=0-3 12-19\n");
    CHECK(body("systemd-unit", seed) == "[Service]\nCPUAffinity=4-11\nNUMAPolicy=bind\nNUMAMask=0\n");
    CHECK(body("systemd-slice", seed) == "[Slice]\nAllowedCPUs=0-3 12-19\n");
    CHECK(body("tuned", seed) == "isolated_cores=4-11\nno_balance_cores=4-11\n");
    CHECK(body("irqbalance", seed) == "IRQBALANCE_BANNED_CPULIST=4-11\n");
    CHECK(holds(body("cgroup", seed), "echo 4-11 >\"$group/cpuset.cpus\"\n"));
}

TEST_CASE("the seed's plan for programs with workers") {
    const torque::Layout seed = layouts::seed();
    CHECK(body("nginx", seed) ==
          "worker_processes 4;\nworker_cpu_affinity 10000 1000000 100000000 10000000000;\n");
    CHECK(body("haproxy", seed) == "global\n    nbthread 4\n    cpu-map auto:1/1-4 4 6 8 10\n");
    CHECK(body("redis", seed) ==
          "server_cpulist 4\nbio_cpulist 0-3\naof_rewrite_cpulist 12-19\nbgsave_cpulist 12-19\n");
    CHECK(body("dpdk", seed) == "--lcores '0@0,1@4,2@6,3@8,4@10' --main-lcore 0\n");
    CHECK(body("seastar", seed) == "--smp 4 --cpuset 4,6,8,10\n");
    CHECK(body("scylla", seed) == "CPUSET=\"--cpuset 4,6,8,10\"\n");
    CHECK(body("perftune", seed) == "cpu_mask: '0x000ff55f'\nirq_cpu_mask: '0x000ff00f'\n");
    CHECK(body("openmp", seed) == "OMP_NUM_THREADS=4\nOMP_PLACES={4},{6},{8},{10}\nOMP_PROC_BIND=true\n");
    CHECK(body("likwid", seed) == "likwid-pin -c 4,6,8,10\n");
    CHECK(holds(body("shell", seed), "TORQUE_WORKER_CPUS=\"4 6 8 10\"\n"));
    CHECK(holds(body("taskset", seed), "    1) exec taskset --cpu-list 6 \"$@\" ;;\n"));
    CHECK(holds(body("numactl", seed), "    3) exec numactl --all --physcpubind=10 --membind=0 \"$@\" ;;\n"));
}

TEST_CASE("the seed's plan for containers, guests and clusters") {
    const torque::Layout seed = layouts::seed();
    CHECK(body("docker", seed) == "--cpuset-cpus=4-11 --cpuset-mems=0\n");
    CHECK(holds(body("kubelet", seed), "reservedSystemCPUs: \"0-3,12-19\"\n"));
    CHECK(holds(body("kubelet", seed), "cpuManagerPolicy: static\n"));
    CHECK(holds(body("openshift", seed), "    isolated: \"4-11\"\n    reserved: \"0-3,12-19\"\n"));
    CHECK(holds(body("slurm", seed), "housekeeping=0-3,12-19\n"));
    CHECK(holds(text("libvirt", seed),
                "<vcpu placement='static' cpuset='0-3,12-19'>4</vcpu>\n"
                "<cputune>\n"
                "  <vcpupin vcpu='0' cpuset='4'/>\n"));
    CHECK(holds(text("libvirt", seed),
                "  <emulatorpin cpuset='0-3,12-19'/>\n</cputune>\n"
                "<numatune>\n  <memory mode='strict' nodeset='0'/>\n</numatune>\n"));
}
