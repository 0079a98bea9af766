#include "tune/check.h"

#include <algorithm>

#include "catch.h"
#include "tune/check_knobs.h"
#include "unit/machine/snapshot.h"

using namespace torque;
using namespace torque::tune;

namespace {

constexpr const char* kLine =
    "isolcpus=managed_irq,domain,2-3 nohz_full=2-3 rcu_nocbs=2-3 rcu_nocb_poll irqaffinity=0-1 nowatchdog";

std::string status(const std::string& name, int parent, const std::string& cpus) {
    return "Name:\t" + name + "\nState:\tS (sleeping)\nPPid:\t" + std::to_string(parent) +
           "\nCpus_allowed:\tf\nCpus_allowed_list:\t" + cpus;
}

std::string interrupts(int loc_2, int loc_3) {
    return "            CPU0       CPU1       CPU2       CPU3\n  9:  4  0  0  0  IO-APIC  9-fasteoi  "
           "acpi\nLOC:  1000  "
           "1000  " +
           std::to_string(loc_2) + "  " + std::to_string(loc_3) + "   Local timer interrupts";
}

// On arm64 the timer has a number and a name (drivers/clocksource/arm_arch_timer.c).
std::string arm64_interrupts(int timer_2, int timer_3) {
    return "            CPU0       CPU1       CPU2       CPU3\n 11:  1000  1000  " + std::to_string(timer_2) +
           "  " + std::to_string(timer_3) +
           "     GICv3  27 Level     arch_timer\n 14:  4  0  0  0     GICv3  36 Edge  arch_mem_timer\nIPI0:  "
           "7  7  7  7       Rescheduling interrupts";
}

// Adds a kernel thread; `flags` as in /proc/*/stat.
void kernel_thread(Snapshot& snapshot, int id, const std::string& name, const std::string& cpus,
                   const std::string& flags = "2129984") {
    const std::string folder = "proc/" + std::to_string(id) + "/";
    snapshot.file(folder + "status", status(name, id == 2 ? 0 : 2, cpus)).file(folder + "comm", name);
    snapshot.file(folder + "stat", std::to_string(id) + " (" + name + ") S 2 0 0 0 -1 " + flags + " 0 0 0 0");
}

void user_thread(Snapshot& snapshot, int process, int id, const std::string& name, const std::string& cpus) {
    const std::string folder = "proc/" + std::to_string(process) + "/";
    if (process == id) snapshot.file(folder + "status", status(name, 1, cpus));
    snapshot.file(folder + "task/" + std::to_string(id) + "/status", status(name, 1, cpus));
}

// Four cores, of which 2 and 3 are isolated as kLine says, and all is as it should be.
Snapshot tuned() {
    Snapshot s;
    s.sys_cpu("online", "0-3").sys_cpu("possible", "0-3").sys_cpu("present", "0-3");
    s.sys_cpu("isolated", "2-3").sys_cpu("nohz_full", "2-3");
    for (int cpu = 0; cpu < 4; ++cpu) s.cpu(cpu, std::to_string(1 << cpu), "f");
    s.file("proc/cmdline", std::string("ro quiet ") + kLine).file("proc/interrupts", interrupts(70, 80));
    s.file("proc/irq/default_smp_affinity", "3").file("sys/devices/virtual/workqueue/cpumask", "3");
    s.file("proc/irq/9/smp_affinity_list", "0-3").file("proc/irq/9/effective_affinity_list", "0");
    s.file("sys/kernel/irq/9/actions", "acpi").file("proc/sys/kernel/watchdog", "0");
    s.file("proc/1/status", status("systemd", 0, "0-1"));
    s.file("proc/1/environ", std::string("HOME=/\0TERM=linux\0", 18));
    kernel_thread(s, 2, "kthreadd", "0-1");
    kernel_thread(s, 3, "ksoftirqd/2", "2", "69238848");
    kernel_thread(s, 4, "rcuop/2", "0-1");
    kernel_thread(s, 5, "rcuop/3", "0-1");
    kernel_thread(s, 6, "kswapd0", "0-3");
    kernel_thread(s, 7, "kblockd", "0-3", "69238880");  // a rescuer, which the kernel binds
    user_thread(s, 900, 900, "torque-serve", "0-1");
    user_thread(s, 900, 901, "worker-0", "2");
    user_thread(s, 900, 902, "worker-1", "3");
    return s;
}

Machine machine_of(const Snapshot& snapshot) {
    const auto machine = build_machine(snapshot.host());
    REQUIRE(machine.has_value());
    return *machine;
}

Layout layout() {
    const Machine machine = machine_of(tuned());
    Layout out;
    out.machine = {machine.fingerprint, machine.host.model, machine.host.possible};
    for (int i = 0; i < 2; ++i) {
        Worker worker;
        worker.id = i;
        worker.cpu = CpuId{2 + i};
        out.workers.push_back(worker);
    }
    out.isolated = {2, 3};
    out.housekeeping = {0, 1};
    out.boot.cmdline = kLine;
    return out;
}

// Without a boot line, with files instead.
Layout layout_with(std::vector<RuntimeKnob> runtime) {
    Layout out = layout();
    out.boot.cmdline.reset();
    out.runtime = std::move(runtime);
    return out;
}

CheckReport check_live(const Layout& wanted, Snapshot& snapshot,
                       const std::string& later = interrupts(72, 80)) {
    Host host = snapshot.host();
    host.is_live = true;
    const Machine machine = machine_of(snapshot);
    return check({wanted, machine, host, [&] { snapshot.file("proc/interrupts", later); }});
}

CheckRow row(const CheckReport& report, const std::string& id, int nth = 0) {
    for (const CheckRow& one : report.rows) {
        if (one.id == id && nth-- == 0) return one;
    }
    FAIL("no row " << id);
    return {};
}

bool has_row(const CheckReport& report, const std::string& id) {
    return std::any_of(report.rows.begin(), report.rows.end(), [&](const CheckRow& r) { return r.id == id; });
}

std::vector<std::string> drifts(const CheckReport& report) {
    std::vector<std::string> ids;
    for (const CheckRow& one : report.rows) {
        const bool is_drift = one.status == CheckStatus::drift;
        INFO(one.id << ": " << one.found);
        CHECK(one.mend.empty() == !is_drift);
        CHECK(one.why.empty() == (one.status != CheckStatus::not_checked));
        CHECK(one.found.empty() == (one.status == CheckStatus::not_checked));
        CHECK_FALSE(one.expected.empty());
        CHECK_FALSE(one.source.empty());
        if (is_drift) ids.push_back(one.id);
    }
    return ids;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("check: a machine as its layout asks has no drift, and nothing is left unchecked") {
    Snapshot snapshot = tuned();
    const CheckReport report = check_live(layout(), snapshot);
    CHECK(drifts(report) == Ids{});
    CHECK(count(report, CheckStatus::not_checked) == 0);
    CHECK(count(report, CheckStatus::ok) == 16);
}

TEST_CASE("check: a layout that asks for nothing is asked of its CPUs only") {
    Snapshot snapshot = tuned();
    snapshot.sys_cpu("isolated", "").sys_cpu("nohz_full", "(null)");
    const CheckReport report = check_live(layout_with({}), snapshot);
    CHECK(drifts(report) == Ids{});
    CHECK(report.rows.size() == 3);  // machine, worker-cpus, servers
}

TEST_CASE("check: each file that drifts is told, and no other") {
    struct Case {
        const char* path;
        std::string text;
        Ids drifts;
        std::string found;  // of the first
    };
    const Case cases[] = {
        {"sys/devices/system/cpu/isolated", "", {"isolated"}, "none"},
        {"sys/devices/system/cpu/isolated", "2", {"isolated"}, "2"},
        {"sys/devices/system/cpu/nohz_full", "(null)", {"nohz-full"}, "none"},
        {"proc/irq/default_smp_affinity", "f", {"irq-default"}, "0-3"},
        {"proc/irq/9/effective_affinity_list", "3", {"irqs"}, "1 interrupt: 9 (acpi) on 3"},
        {"sys/devices/virtual/workqueue/cpumask", "7", {"workqueues"}, "0-2"},
        {"proc/sys/kernel/watchdog", "1", {"parameter"}, "1"},
        {"proc/1/environ",
         std::string("HOME=/\0isolcpus=domain:2-3\0", 27),
         {"refused"},
         "isolcpus=domain:2-3"},
        {"proc/1/status", status("systemd", 0, "0-3"), {"tasks"}, "1 thread: systemd (1) on 0-3"},
        {"proc/1/status", status("systemd", 0, "1-2"), {"tasks"}, "1 thread: systemd (1) on 1-2"},
        {"proc/2/status", status("kthreadd", 0, "0-3"), {"kernel-threads"}, "1 thread: kthreadd (2) on 0-3"},
        {"proc/4/status", status("rcuog/0", 2, "0-1"), {"rcu-nocbs"}, "3"},
        {"proc/900/task/902/status",
         status("worker-1", 1, "0-1"),
         {"servers"},
         "1 thread: worker-1 (902) on 0-1"},
        {"proc/77/status", status("irqbalance", 1, "0-1"), {}, ""},
        {"sys/fs/cgroup/a/cpuset.cpus.partition", "isolated", {}, ""},
    };
    for (const Case& one : cases) {
        INFO(one.path << " = " << one.text);
        Snapshot snapshot = tuned();
        snapshot.file(one.path, one.text);
        const CheckReport report = check_live(layout(), snapshot);
        CHECK(drifts(report) == one.drifts);
        if (!one.drifts.empty()) CHECK(row(report, one.drifts[0]).found == one.found);
    }
}

TEST_CASE("check: what cannot be read is not checked") {
    struct Case {
        const char* path;
        const char* text;
        const char* id;
    };
    const Case cases[] = {
        {"sys/devices/system/cpu/isolated", "x", "isolated"},
        {"sys/devices/system/cpu/nohz_full", "3-2", "nohz-full"},
        {"proc/irq/default_smp_affinity", "0-3", "irq-default"},
        {"sys/devices/virtual/workqueue/cpumask", "zz", "workqueues"},
        {"proc/interrupts", "CPU0 CPU1\nLOC: 1 2", "ticks"},
        {"proc/interrupts", "", "ticks"},
        {"proc/2/comm", "bash", "tasks"},
        {"proc/2/comm", "bash", "kernel-threads"},
        {"proc/2/comm", "bash", "refused"},
        {"proc/2/comm", "bash", "rcu-nocbs"},
        {"proc/2/comm", "bash", "irqbalance"},
    };
    for (const Case& one : cases) {
        INFO(one.path << " = " << one.text);
        Snapshot snapshot = tuned();
        snapshot.file(one.path, one.text);
        const CheckReport report =
            check_live(layout(), snapshot, one.id == std::string("ticks") ? one.text : interrupts(70, 80));
        CHECK(drifts(report) == Ids{});
        CHECK(row(report, one.id).status == CheckStatus::not_checked);
    }
}

TEST_CASE("check: a snapshot of files alone says nothing of processes and ticks") {
    Snapshot s;
    s.sys_cpu("online", "0-3").sys_cpu("possible", "0-3").sys_cpu("isolated", "2-3");
    for (int cpu = 0; cpu < 4; ++cpu) s.cpu(cpu, std::to_string(1 << cpu), "f");
    s.file("proc/cmdline", kLine);
    const Machine machine = machine_of(s);
    const Host host = s.host();
    const CheckReport report = check({layout(), machine, host});
    CHECK(drifts(report) == Ids{});
    for (const char* id : {"refused", "nohz-full", "rcu-nocbs", "irq-default", "irqs", "irqbalance",
                           "workqueues", "parameter", "tasks", "kernel-threads"}) {
        INFO(id);
        CHECK(row(report, id).status == CheckStatus::not_checked);
    }
    CHECK(row(report, "isolated").status == CheckStatus::ok);
}

TEST_CASE("check: a live kernel without nohz_full cannot have the layout's") {
    Snapshot s;
    s.sys_cpu("online", "0-3").sys_cpu("possible", "0-3").sys_cpu("isolated", "2-3");
    for (int cpu = 0; cpu < 4; ++cpu) s.cpu(cpu, std::to_string(1 << cpu), "f");
    s.file("proc/cmdline", kLine);
    CHECK(drifts(check_live(layout(), s)) == Ids{"nohz-full"});
}

TEST_CASE("check: ticks are those between two looks") {
    Snapshot snapshot = tuned();
    CHECK(row(check_live(layout(), snapshot, interrupts(120, 130)), "ticks").status == CheckStatus::ok);
    snapshot = tuned();
    const CheckRow busy = row(check_live(layout(), snapshot, interrupts(72, 331)), "ticks");
    CHECK(busy.status == CheckStatus::drift);
    CHECK(busy.found == "CPU 3: up to 251 times");

    snapshot.file("proc/interrupts", arm64_interrupts(70, 80));
    CHECK(row(check_live(layout(), snapshot, arm64_interrupts(120, 130)), "ticks").status == CheckStatus::ok);
    snapshot.file("proc/interrupts", arm64_interrupts(70, 80));
    CHECK(row(check_live(layout(), snapshot, arm64_interrupts(72, 331)), "ticks").found == busy.found);

    snapshot = tuned();
    Host host = snapshot.host();
    const Machine machine = machine_of(snapshot);
    CHECK(row(check({layout(), machine, host, [] {}}), "ticks").status == CheckStatus::not_checked);
    host.is_live = true;
    CHECK(row(check({layout(), machine, host}), "ticks").status == CheckStatus::not_checked);
    host.is_live = true;
    CHECK(row(check({layout(), machine, host, [] {}}), "ticks").status == CheckStatus::ok);
}

TEST_CASE("check: the boot line counts by what it does") {
    struct Case {
        const char* line;
        std::string missing;  // empty: in force
    };
    const Case cases[] = {
        {"isolcpus=domain,managed_irq,2-3 nohz_full=2,3 rcu_nocbs=2-3 rcu_nocb_poll irqaffinity=1,0 "
         "nowatchdog",
         ""},
        {"isolcpus=managed_irq,domain:2-3 nohz_full=2-3 rcu_nocb_poll irqaffinity=0-1 nowatchdog",
         "without isolcpus=managed_irq,domain,2-3"},
        {"isolcpus=managed_irq,domain,2-9 nohz_full=2-3 rcu_nocb_poll irqaffinity=0-1",
         "without isolcpus=managed_irq,domain,2-3 nowatchdog"},
        {"isolcpus=managed_irq,domain,2-3 nohz_full=2-3 irqaffinity=0-1 nowatchdog -- rcu_nocb_poll",
         "without rcu_nocb_poll"},
    };
    for (const Case& one : cases) {
        INFO(one.line);
        Snapshot snapshot = tuned();
        snapshot.file("proc/cmdline", one.line);
        const CheckReport report = check_live(layout(), snapshot);
        CHECK(drifts(report) == (one.missing.empty() ? Ids{} : Ids{"boot-line"}));
        CHECK(row(report, "boot-line").found == (one.missing.empty() ? "all of it" : one.missing));
    }
}

TEST_CASE("check: interrupts that the kernel manages or the layout steers") {
    Snapshot snapshot = tuned();
    snapshot.file("proc/irq/9/effective_affinity_list", "3");
    Layout wanted = layout();
    wanted.runtime = {{"/proc/irq/9/smp_affinity_list", "3", ""}};
    snapshot.file("proc/irq/9/smp_affinity_list", "3");
    CHECK(drifts(check_live(wanted, snapshot)) == Ids{});

    wanted = layout();
    wanted.leftovers = {"1 managed interrupt (the first is 9) may only run on isolated CPUs"};
    CHECK(row(check_live(wanted, snapshot), "irqs").status == CheckStatus::not_checked);
    snapshot.file("sys/kernel/debug/irq/irqs/9", "dstate: 0x1\n IRQD_AFFINITY_MANAGED");
    CHECK(row(check_live(wanted, snapshot), "irqs").status == CheckStatus::ok);
    CHECK(row(check_live(layout(), snapshot), "irqs").status == CheckStatus::drift);
    snapshot.file("sys/kernel/debug/irq/irqs/9", "dstate: 0x1");
    CHECK(row(check_live(wanted, snapshot), "irqs").status == CheckStatus::drift);

    // One that was told to leave leaves when it comes the next time; one that may still come there is astray.
    snapshot.file("proc/irq/9/smp_affinity_list", "0-1");
    CHECK(row(check_live(layout(), snapshot), "irqs").found == "none");
    snapshot.file("proc/irq/9/smp_affinity_list", "0-3");
    CHECK(row(check_live(layout(), snapshot), "irqs").status == CheckStatus::drift);

    // Nobody listens to one without a handler.
    snapshot.file("proc/irq/10/effective_affinity_list", "2").file("proc/irq/10/smp_affinity_list", "2");
    snapshot.file("proc/irq/9/effective_affinity_list", "1");
    CHECK(row(check_live(layout(), snapshot), "irqs").found == "none");
}

TEST_CASE("check: irqbalance is harmless where it spares the isolated CPUs") {
    const auto with_environ = [](const std::string& text) {
        Snapshot snapshot = tuned();
        user_thread(snapshot, 77, 77, "irqbalance", "0-1");
        snapshot.file("proc/77/environ", text);
        return row(check_live(layout(), snapshot), "irqbalance").status;
    };
    CHECK(with_environ("A=1") == CheckStatus::ok);  // it spares what was isolated at boot
    CHECK(with_environ("IRQBALANCE_BANNED_CPULIST=2-3") == CheckStatus::ok);
    CHECK(with_environ("IRQBALANCE_BANNED_CPULIST=1") == CheckStatus::drift);  // which replaces that
    CHECK(with_environ("IRQBALANCE_BANNED_CPUS=0000000c") == CheckStatus::ok);
    CHECK(with_environ("IRQBALANCE_BANNED_CPUS=3") == CheckStatus::drift);
    Snapshot snapshot = tuned();
    user_thread(snapshot, 77, 77, "irqbalance", "0-1");
    CHECK(row(check_live(layout(), snapshot), "irqbalance").status == CheckStatus::not_checked);
}

TEST_CASE("check: a server that is bound elsewhere may serve another layout") {
    Snapshot snapshot = tuned();
    snapshot.file("proc/900/task/902/status", status("worker-1", 1, "1"));
    CHECK(row(check_live(layout(), snapshot), "servers").status == CheckStatus::not_checked);
    snapshot = tuned();
    snapshot.file("proc/900/task/903/status", status("worker-2", 1, "0-3"));  // one worker more than ours
    CHECK(row(check_live(layout_with({}), snapshot), "servers").status == CheckStatus::not_checked);
    user_thread(snapshot, 800, 800, "torque-serve", "0-1");
    user_thread(snapshot, 800, 801, "worker-0", "2");
    user_thread(snapshot, 800, 802, "worker-1", "3");
    CHECK(row(check_live(layout_with({}), snapshot), "servers").status == CheckStatus::ok);
}

TEST_CASE("check: the workers' CPUs, and siblings that are to be offline") {
    Snapshot snapshot = tuned();
    snapshot.sys_cpu("online", "0-2");
    CHECK(row(check_live(layout_with({}), snapshot), "worker-cpus").found == "offline: 3");
    snapshot = tuned();
    snapshot.file("proc/self/mounts", "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0")
        .file("proc/self/cgroup", "0::/");
    snapshot.file("sys/fs/cgroup/cpuset.cpus.effective", "0-2");
    CHECK(row(check_live(layout_with({}), snapshot), "worker-cpus").found == "not allowed: 3");
    snapshot.file("sys/fs/cgroup/torque/cpuset.cpus.effective", "3");  // where the workers are to be
    Layout partition = layout_with({});
    partition.runtime = {{"/sys/fs/cgroup/torque/cpuset.cpus.partition", "isolated", ""}};
    CHECK(row(check_live(partition, snapshot), "worker-cpus").status == CheckStatus::ok);

    Layout wanted = layout_with({});
    wanted.request.smt = SmtPolicy::offline;
    snapshot = tuned();
    CHECK_FALSE(has_row(check_live(wanted, snapshot), "siblings-offline"));  // there are none
    wanted.workers[0].siblings = {1};
    CHECK(row(check_live(wanted, snapshot), "siblings-offline").status == CheckStatus::drift);
    snapshot.sys_cpu("online", "0,2-3");
    CHECK(row(check_live(wanted, snapshot), "siblings-offline").status == CheckStatus::ok);
}

TEST_CASE("check: another machine is told apart, offline siblings are not") {
    Snapshot snapshot = tuned();
    const Machine machine = machine_of(snapshot);
    CHECK(machine_differences(layout(), machine).empty());
    Layout wanted = layout();
    wanted.machine = {"0123456789abcdef", std::string("another"), {0, 1}};
    wanted.workers[1].siblings = {1};
    CHECK(machine_differences(wanted, machine) ==
          Ids{"the possible CPUs are 0-1 in the layout, 0-3 here",
              "the siblings of CPU 3 are 1 in the layout, none here"});
    CHECK(row(check_live(wanted, snapshot), "machine").status == CheckStatus::drift);
    wanted.machine = {"0123456789abcdef", std::nullopt, {0, 1, 2, 3}};
    wanted.workers[1].siblings = {7};  // not online here
    CHECK(machine_differences(wanted, machine).empty());
    wanted.workers[1].cpu = CpuId{7};
    CHECK(machine_differences(wanted, machine) == Ids{"CPU 7 of worker 1 is not there"});
}

TEST_CASE("check: files that the layout wants written") {
    Snapshot snapshot = tuned();
    snapshot.file("sys/fs/cgroup/cgroup.controllers", "cpuset cpu");
    snapshot.file("sys/fs/cgroup/torque/cpuset.cpus", "2,3");
    snapshot.file("sys/fs/cgroup/torque/cpuset.cpus.partition", "isolated invalid (Cpu list is empty)");
    snapshot.file("proc/sys/vm/stat_interval", "1");
    const CheckReport report =
        check_live(layout_with({{"/sys/fs/cgroup/torque/cpuset.cpus", "2-3", ""},
                                {"/sys/fs/cgroup/torque/cpuset.cpus.partition", "isolated", ""},
                                {"/proc/sys/vm/stat_interval", "10", ""},
                                {"/sys/fs/cgroup/other/cpuset.cpus", "2'; reboot", ""},
                                {"/sys/none", "1", ""},
                                {"/etc/shadow", "1", ""},
                                {"/proc/sys/../../etc/shadow", "1", ""}}),
                   snapshot);
    const std::pair<CheckStatus, const char*> wanted[] = {
        {CheckStatus::ok, ""},
        {CheckStatus::drift, "echo 'isolated' > /sys/fs/cgroup/torque/cpuset.cpus.partition"},
        {CheckStatus::drift, "echo '10' > /proc/sys/vm/stat_interval"},
        {CheckStatus::drift, "write what is expected to the file"},
        {CheckStatus::not_checked, ""},
        {CheckStatus::not_checked, ""},
        {CheckStatus::not_checked, ""}};
    for (int i = 0; i < 7; ++i) {
        INFO(i);
        CHECK(row(report, "runtime", i).status == wanted[i].first);
        CHECK(row(report, "runtime", i).mend == wanted[i].second);
    }
    CHECK_FALSE(has_row(report, "partitions"));  // the one there is has a row already
}

TEST_CASE("check: a partition that the kernel gave up") {
    Snapshot snapshot = tuned();
    snapshot.file("sys/fs/cgroup/a/cpuset.cpus.partition", "member").file("sys/fs/cgroup/a/cpuset.cpus", "2");
    CHECK_FALSE(has_row(check_live(layout(), snapshot), "partitions"));
    snapshot.file("sys/fs/cgroup/a/b/cpuset.cpus.partition", "root invalid (x)");
    snapshot.file("sys/fs/cgroup/a/b/cpuset.cpus", "0");
    CHECK_FALSE(has_row(check_live(layout(), snapshot), "partitions"));  // not on our CPUs
    snapshot.file("sys/fs/cgroup/a/b/cpuset.cpus", "2");
    CHECK(drifts(check_live(layout(), snapshot)) == Ids{"partitions"});
    snapshot.file("sys/fs/cgroup/a/b/cpuset.cpus.partition", "root");
    CHECK(row(check_live(layout(), snapshot), "partitions").status == CheckStatus::ok);
}

TEST_CASE("check: what files hold is compared as what it means") {
    CHECK(knob_holds("/a/cpuset.cpus", "0-3", "0,1,2-3\n"));
    CHECK_FALSE(knob_holds("/a/cpuset.cpus", "0-3", "0-2"));
    CHECK_FALSE(knob_holds("/a/cpuset.cpus", "x", "x"));
    CHECK(knob_holds("/proc/irq/default_smp_affinity", "00000003", "3"));
    CHECK(knob_holds("/a/rps_cpus", "0", "00000000,00000000"));
    CHECK_FALSE(knob_holds("/a/rps_cpus", "0", "1"));
    CHECK(knob_holds("/a/cgroup.subtree_control", "+cpuset", "cpu cpuset io"));
    CHECK_FALSE(knob_holds("/a/cgroup.subtree_control", "+cpuset", "cpu"));
    CHECK(knob_holds("/a/cgroup.subtree_control", "-io", "cpu"));
    CHECK(knob_holds("/sys/kernel/mm/transparent_hugepage/enabled", "madvise", "always [madvise] never"));
    CHECK_FALSE(knob_holds("/sys/kernel/mm/transparent_hugepage/enabled", "never", "always [madvise] never"));
    CHECK_FALSE(knob_holds("/a/b", "10", "1"));
}
