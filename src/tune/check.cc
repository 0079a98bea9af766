#include "tune/check.h"

#include <algorithm>

#include "base/format.h"
#include "base/parse.h"
#include "tune/check_context.h"
#include "tune/lint_target.h"

namespace torque::tune {
namespace {

constexpr Check kChecks[] = {
    {"machine", "/sys/devices/system/cpu", check_machine},
    {"worker-cpus", "/sys/devices/system/cpu/online, cpuset.cpus.effective", check_worker_cpus},
    {"siblings-offline", "/sys/devices/system/cpu/online", check_siblings_offline},
    {"boot-line", "/proc/cmdline", check_boot_line},
    {"refused", "/proc/1/environ, /proc/1/cmdline", check_refused},
    {"isolated", "/sys/devices/system/cpu/isolated", check_isolated},
    {"nohz-full", "/sys/devices/system/cpu/nohz_full", check_nohz_full},
    {"ticks", "/proc/interrupts", check_ticks},
    {"rcu-nocbs", "/proc/*/comm, /proc/cmdline", check_rcu_nocbs},
    {"irq-default", "/proc/irq/default_smp_affinity", check_default_affinity},
    {"irqs", "/proc/irq/*/effective_affinity_list", check_interrupts},
    {"irqbalance", "/proc/*/comm, /proc/*/environ", check_irqbalance},
    {"workqueues", "/sys/devices/virtual/workqueue/cpumask", check_workqueues},
    {"parameter", "", check_parameters},
    {"runtime", "", check_knobs},
    {"partitions", "/sys/fs/cgroup/*/cpuset.cpus.partition", check_partitions},
    {"tasks", "/proc/*/task/*/status", check_tasks},
    {"kernel-threads", "/proc/*/status", check_kernel_threads},
    {"servers", "/proc/*/task/*/status", check_servers},
};

}  // namespace

bool CheckContext::asks_isolation() const {
    return !layout.isolated.empty() && (layout.boot.cmdline || !layout.runtime.empty());
}

bool CheckContext::has_knob(std::string_view path_end) const {
    return std::any_of(layout.runtime.begin(), layout.runtime.end(),
                       [=](const RuntimeKnob& knob) { return knob.path.ends_with(path_end); });
}

CheckRow answer(const Check& check, bool is_good, std::string expected, std::string found, std::string mend) {
    CheckRow row;
    row.id = check.id;
    row.status = is_good ? CheckStatus::ok : CheckStatus::drift;
    row.expected = std::move(expected);
    row.found = std::move(found);
    row.source = check.source;
    if (!is_good) row.mend = std::move(mend);
    return row;
}

CheckRow not_checked(const Check& check, std::string expected, std::string why) {
    CheckRow row;
    row.id = check.id;
    row.status = CheckStatus::not_checked;
    row.expected = std::move(expected);
    row.source = check.source;
    row.why = std::move(why);
    return row;
}

std::string why_unread(const CheckContext& context, std::string_view path) {
    const std::size_t slash = path.rfind('/');
    const auto names = context.root().list(path.substr(0, slash == path.npos ? 0 : slash));
    const std::string_view name = slash == path.npos ? path : path.substr(slash + 1);
    if (!std::binary_search(names.begin(), names.end(), name)) {
        return context.host.is_live ? "this kernel has no such file" : "it is not in the data";
    }
    if (context.root().read(path)) return "its content is not what it should be";
    return context.host.is_live ? "it may not be read: root may, unless a sandbox forbids it"
                                : "it cannot be read";
}

std::string list_or_none(const CpuSet& cpus) {
    return cpus.empty() ? "none" : cpus.list();
}

std::string some_threads(const std::vector<const Thread*>& threads) {
    constexpr std::size_t kShown = 3;
    std::string text;
    for (std::size_t i = 0; i < std::min(threads.size(), kShown); ++i) {
        text += formatted("{}{} ({}) on {}", i > 0 ? ", " : "", printable(threads[i]->name), threads[i]->id,
                          list_or_none(threads[i]->cpus));
    }
    return threads.size() > kShown ? text + ", ..." : text;
}

int count(const CheckReport& report, CheckStatus status) {
    return static_cast<int>(std::count_if(report.rows.begin(), report.rows.end(),
                                          [=](const CheckRow& row) { return row.status == status; }));
}

CheckReport check(const CheckSubject& subject) {
    const KernelTarget target = lint_target(subject.machine);
    const CheckContext context{subject.layout,
                               subject.machine,
                               subject.host,
                               subject.wait_a_second,
                               simulate(subject.layout.boot.cmdline.value_or(""), target),
                               simulate(subject.machine.host.cmdline.value_or(""), target),
                               read_processes(*subject.host.root)};
    CheckReport report;
    for (const Check& one : kChecks) one.run(one, context, report.rows);
    return report;
}

}  // namespace torque::tune
