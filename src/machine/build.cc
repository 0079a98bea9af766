#include "machine/build.h"

#include <algorithm>
#include <tuple>

#include "machine/compute_units.h"
#include "machine/devices.h"
#include "machine/fingerprint.h"
#include "machine/from_cpuid.h"
#include "machine/from_sysfs.h"
#include "machine/join.h"
#include "probes/cpuid.h"
#include "probes/sysfs_cache.h"

namespace torque {
namespace {

SysfsFacts read_sysfs(const Host& host) {
    const Dir& root = *host.root;
    SysfsFacts facts;
    facts.cpu = read_sysfs_cpu(root);
    // /proc/cpuinfo makes the kernel ask every CPU for its frequency: not where CPUID knows the same.
    if (!host.is_live || !host.cpuid || facts.cpu.cpus.empty()) facts.info = read_cpu_info(root);
    facts.caches = read_sysfs_caches(root, online_cpus(facts.cpu, facts.info));
    facts.numa = read_sysfs_numa(root);
    facts.cgroup = read_cgroup(root);
    facts.kernel = read_kernel(root);
    return facts;
}

void put_caches_in_order(Machine& machine) {
    auto& caches = machine.caches;
    std::erase_if(caches, [](const Cache& cache) { return cache.cpus.empty(); });
    const auto key = [](const Cache& cache) { return std::tuple(cache.level, cache.type, cache.cpus.first()); };
    std::stable_sort(caches.begin(), caches.end(), [&](const Cache& a, const Cache& b) { return key(a) < key(b); });
    const auto same = [](const Cache& a, const Cache& b) {
        return a.level == b.level && a.type == b.type && a.cpus == b.cpus;
    };
    caches.erase(std::unique(caches.begin(), caches.end(), same), caches.end());
}

}  // namespace

Result<Machine> build_machine(const Host& host) {
    Machine machine;
    if (host.root) machine = machine_from_sysfs(read_sysfs(host));
    if (host.cpuid) {
        const CpuidReading reading = host.is_live ? CpuidReading::like_cpus : CpuidReading::every_cpu;
        const Machine cpuid = machine_from_cpuid(read_cpuid(*host.cpuid, reading));
        machine = machine.cpus.empty() ? cpuid : join(std::move(machine), cpuid);
    }
    if (host.root) machine.devices = devices_of(read_pci(*host.root), read_nics(*host.root));
    if (machine.cpus.empty()) {
        return fail("it tells of no CPU", host.name, "sys/devices/system/cpu, proc/cpuinfo and CPUID are all missing");
    }
    put_caches_in_order(machine);
    split_compute_units(machine);
    machine.host.source = host.name;
    machine.fingerprint = fingerprint(machine);
    return machine;
}

}  // namespace torque
