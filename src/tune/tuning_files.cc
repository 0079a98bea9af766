#include "tune/tuning_files.h"

#include <algorithm>
#include <iterator>

namespace torque::tune {
namespace {

// Linux, admin-guide/cgroup-v2, core-api/irq/irq-affinity, core-api/workqueue, networking/scaling,
// admin-guide/sysctl, admin-guide/mm, admin-guide/pm.
struct Writable {
    std::string_view begin, end;
};
constexpr Writable kWritable[] = {
    {"/sys/fs/cgroup/", "/cgroup.subtree_control"},
    {"/sys/fs/cgroup/", "/cpuset.cpus"},
    {"/sys/fs/cgroup/", "/cpuset.cpus.exclusive"},
    {"/sys/fs/cgroup/", "/cpuset.cpus.partition"},
    {"/sys/fs/cgroup/", "/cpuset.mems"},
    {"/sys/devices/virtual/workqueue/", "cpumask"},
    {"/sys/bus/workqueue/devices/", "cpumask"},
    {"/sys/devices/system/cpu/", ""},
    {"/sys/devices/system/node/", "/nr_hugepages"},
    {"/sys/class/net/", "/rps_cpus"},
    {"/sys/class/net/", "/rps_flow_cnt"},
    {"/sys/class/net/", "/xps_cpus"},
    {"/sys/class/net/", "/xps_rxqs"},
    {"/sys/class/net/", "/gro_flush_timeout"},
    {"/sys/class/net/", "/napi_defer_hard_irqs"},
    {"/sys/block/", ""},
    {"/sys/kernel/mm/", ""},
    {"/sys/kernel/debug/sched/", ""},
    {"/proc/irq/", "smp_affinity"},
    {"/proc/irq/", "/smp_affinity_list"},
    {"/proc/sys/vm/", ""},
    {"/proc/sys/net/core/", ""},
    {"/proc/sys/kernel/", "/nmi_watchdog"},
    {"/proc/sys/kernel/", "/numa_balancing"},
    {"/proc/sys/kernel/", "/sched_rt_runtime_us"},
    {"/proc/sys/kernel/", "/soft_watchdog"},
    {"/proc/sys/kernel/", "/timer_migration"},
    {"/proc/sys/kernel/", "/watchdog"},
    {"/proc/sys/kernel/", "/watchdog_cpumask"},
    {"/proc/sys/kernel/", "/watchdog_thresh"},
};

}  // namespace

bool is_tuning_file(std::string_view path) {
    const bool is_plain = std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (!is_plain || path.find("/../") != path.npos || path.ends_with("/..") || path.ends_with('/'))
        return false;
    return std::any_of(std::begin(kWritable), std::end(kWritable), [=](const Writable& one) {
        return path.starts_with(one.begin) && path.ends_with(one.end) &&
               path.size() >= one.begin.size() + one.end.size() - 1;
    });
}

}  // namespace torque::tune
