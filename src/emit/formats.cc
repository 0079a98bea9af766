#include "emit/formats.h"

#include <vector>

#include "base/format.h"
#include "base/parse.h"
#include "emit/emit.h"

namespace torque::emit {
namespace {

constexpr Format kFormats[] = {
    {"boot", "Linux", "the kernel's boot line", "", kBootLine, emit_boot},
    {"grub", "GRUB", "drop-in for update-grub (Debian, Ubuntu)", "/etc/default/grub.d/90-torque.cfg",
     kBootLine, emit_grub},
    {"grubby", "grubby", "command for the boot entries (Fedora, RHEL)", "", kBootLine, emit_grubby},
    {"bls", "boot loaders", "options of a Boot Loader Specification entry", "/boot/loader/entries/ENTRY.conf",
     kBootLine, emit_bls},
    {"systemd-boot", "kernel-install", "script that edits /etc/kernel/cmdline", "", kBootLine,
     emit_systemd_boot},
    {"kernelstub", "kernelstub", "command for the boot entry (Pop!_OS)", "", kBootLine, emit_kernelstub},
    {"rpm-ostree", "rpm-ostree", "command for the next deployment", "", kBootLine, emit_rpm_ostree},
    {"bootc", "bootc", "kernel arguments of an image", "/usr/lib/bootc/kargs.d/20-torque.toml", kBootLine,
     emit_bootc},

    {"systemd-unit", "systemd", "drop-in for the service with the workers",
     "/etc/systemd/system/NAME.service.d/90-torque.conf", kWorkers, emit_systemd_unit},
    {"systemd-manager", "systemd", "all services on the housekeeping CPUs",
     "/etc/systemd/system.conf.d/90-torque.conf", kHousekeeping, emit_systemd_manager},
    {"systemd-slice", "systemd", "drop-in that confines system.slice and user.slice",
     "/etc/systemd/system/system.slice.d/90-torque.conf", kHousekeeping, emit_systemd_slice},
    {"cgroup", "Linux", "script that makes an isolated cpuset partition", "", kIsolated, emit_cgroup},
    {"tuned", "tuned", "variables of the profile cpu-partitioning",
     "/etc/tuned/cpu-partitioning-variables.conf", kIsolated, emit_tuned},
    {"irqbalance", "irqbalance", "CPUs that get no interrupts", "/etc/default/irqbalance", kIsolated,
     emit_irqbalance},

    {"nginx", "nginx", "worker processes, each on its CPU", "/etc/nginx/nginx.conf", kWorkers, emit_nginx},
    {"haproxy", "HAProxy", "threads, each on its CPU", "/etc/haproxy/haproxy.cfg", kWorkers, emit_haproxy},
    {"redis", "Redis", "the server on a worker's CPU, background work elsewhere", "/etc/redis/redis.conf",
     kWorkers, emit_redis},
    {"dpdk", "DPDK", "EAL arguments", "", kWorkers, emit_dpdk},
    {"seastar", "Seastar", "arguments of the application", "", kWorkers | kOwnCpus, emit_seastar},
    {"scylla", "ScyllaDB", "arguments of the server", "/etc/scylla.d/cpuset.conf", kWorkers | kOwnCpus,
     emit_scylla},
    {"perftune", "perftune.py", "CPUs that compute and CPUs for interrupts", "/etc/scylla.d/perftune.yaml",
     kWorkers | kHousekeeping, emit_perftune},
    {"openmp", "OpenMP", "environment of the program", "", kWorkers, emit_openmp},

    {"shell", "sh", "variables for scripts", "", kWorkers, emit_shell},
    {"taskset", "taskset", "script that runs a command on a worker's CPU", "", kWorkers, emit_taskset},
    {"numactl", "numactl", "the same, with the worker's memory nodes", "", kWorkers, emit_numactl},
    {"likwid", "likwid-pin", "arguments, one CPU a thread", "", kWorkers, emit_likwid},

    {"docker", "Docker, Podman", "arguments of docker run", "", kWorkers, emit_docker},
    {"kubelet", "kubelet", "CPU manager's configuration", "/etc/kubernetes/kubelet.conf.d/90-torque.conf",
     kIsolated | kHousekeeping | kWholeMachine, emit_kubelet},
    {"nfd", "Node Feature Discovery", "labels of a Kubernetes node",
     "/etc/kubernetes/node-feature-discovery/features.d/torque", kWorkers, emit_nfd},
    {"openshift", "OpenShift", "PerformanceProfile", "", kIsolated | kHousekeeping | kWholeMachine,
     emit_openshift},
    {"slurm", "Slurm", "script that prints the node's line of slurm.conf", "",
     kIsolated | kHousekeeping | kWholeMachine, emit_slurm},
    {"libvirt", "libvirt", "CPUs of a guest with one virtual CPU a worker", "", kWorkers, emit_libvirt},
    {"ansible", "Ansible", "local facts of a host", "/etc/ansible/facts.d/torque.fact", kWorkers,
     emit_ansible},
};

bool workers_share_cpus(const Layout& layout) {
    CpuSet cpus;
    for (const Worker& worker : layout.workers) cpus.add(worker.cpu);
    return cpus.count() < static_cast<int>(layout.workers.size());
}

struct Lack {
    Need need;
    bool (*is)(const Layout& layout);
    std::string_view what, hint;
};

constexpr Lack kLacks[] = {
    {kWorkers, [](const Layout& layout) { return layout.workers.empty(); },
     "needs workers, and the layout has none", "plan at least one: torque-topo plan --workers 1"},
    {kIsolated, [](const Layout& layout) { return layout.isolated.empty(); },
     "is about isolated CPUs, and the layout isolates none",
     "the layout's decisions say why: a machine of one core, for example, has none to isolate"},
    {kHousekeeping, [](const Layout& layout) { return layout.housekeeping.empty(); },
     "is about housekeeping CPUs, and the layout has none",
     "plan with fewer workers, or for the whole machine from outside of the container"},
    {kBootLine, [](const Layout& layout) { return !layout.boot.cmdline || layout.boot.args.empty(); },
     "is about the boot line, and the layout has none",
     "plan with a profile that has one (torque-topo profiles), or emit cgroup or systemd-slice"},
    {kOwnCpus, workers_share_cpus, "gives each worker a CPU of its own, and in the layout some share one",
     "plan without --oversubscribe"},
    {kWholeMachine,
     [](const Layout& layout) {
         return !(layout.isolated | layout.housekeeping).contains(layout.machine.possible_cpus);
     },
     "divides a whole machine, and the layout is for a part of one", "plan outside of the container"},
};

}  // namespace

std::span<const Format> formats() {
    return kFormats;
}

Result<std::string> write_format(const Format& format, const Layout& layout) {
    for (const Lack& lack : kLacks) {
        if ((format.needs & lack.need) == 0 || !lack.is(layout)) continue;
        return fail(formatted("{} {}", format.name, lack.what), {}, std::string(lack.hint));
    }
    return format.emit(layout);
}

Result<const Format*> find_format(std::string_view name) {
    std::vector<std::string_view> names;
    for (const Format& format : kFormats) {
        if (format.name == name) return &format;
        names.push_back(format.name);
    }
    const auto meant = did_you_mean(name, names);
    return fail(
        formatted("there is no format \"{}\"", printable(name)), {},
        meant ? formatted("did you mean {}?", *meant) : formatted("the formats are: {}", joined(names, ", ")),
        ErrorKind::usage);
}

}  // namespace torque::emit
