#include "machine/build.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>

#include "machine/compute_units.h"
#include "machine/damaged.h"
#include "machine/findings.h"
#include "machine/fingerprint.h"
#include "machine/from_cpuid.h"
#include "machine/from_sysfs.h"
#include "machine/join.h"
#include "machine/like_cpus.h"
#include "machine/offline_apic_ids.h"
#include "machine/surroundings.h"
#include "probes/cpu_names.h"
#include "probes/cpuid.h"
#include "probes/sysfs_cache.h"

namespace torque {
namespace {

void read_caches(const Dir& root, CacheFacts which, SysfsFacts& facts) {
    facts.caches = read_sysfs_caches(root, online_cpus(facts.cpu, facts.info),
                                     like_cpus(facts.cpu, facts.info), facts.cpu.cores, which);
}

SysfsFacts read_sysfs(const Host& host) {
    const Dir& root = *host.root;
    SysfsFacts facts;
    facts.cpu = read_sysfs_cpu(root);
    const bool has_own_cpuid = host.is_live && host.cpuid;
    // /proc/cpuinfo makes the kernel ask every CPU for its frequency: not where CPUID knows the same.
    if (!has_own_cpuid || facts.cpu.cpus.empty()) facts.info = read_cpu_info(root);
    read_caches(root, has_own_cpuid ? CacheFacts::without_geometry : CacheFacts::all, facts);
    facts.numa = read_sysfs_numa(root);
    facts.cgroup = read_cgroup(root);
    facts.kernel = read_kernel(root);
    return facts;
}

void put_caches_in_order(Machine& machine) {
    auto& caches = machine.caches;
    std::erase_if(caches, [](const Cache& cache) { return cache.cpus.empty(); });
    const auto key = [](const Cache& cache) {
        return std::tuple(cache.level, cache.type, cache.cpus.first());
    };
    const auto comes_before = [&](const Cache& a, const Cache& b) { return key(a) < key(b); };
    if (!std::is_sorted(caches.begin(), caches.end(), comes_before))
        std::stable_sort(caches.begin(), caches.end(), comes_before);
    const auto same = [](const Cache& a, const Cache& b) {
        return a.level == b.level && a.type == b.type && a.cpus == b.cpus;
    };
    caches.erase(std::unique(caches.begin(), caches.end(), same), caches.end());
}

// A process in a cpuset may ask only its own CPUs, and some CPUs share an id by CPUID; the kernel tells of
// these too.
void add_untold_apic_ids(const Dir& root, const Machine& cpuid, std::vector<CpuInfo>& info,
                         Machine& machine) {
    CpuSet untold = machine.host.online;
    for (const Cpu& cpu : cpuid.cpus) {
        if (cpu.apic_id) untold.remove(cpu.id.value);
    }
    if (untold.empty()) return;
    if (info.empty()) info = read_cpu_info(root);
    bool added = false;
    for (Cpu& cpu : machine.cpus) {
        const auto about = std::find_if(info.begin(), info.end(),
                                        [&](const CpuInfo& one) { return one.cpu == cpu.id.value; });
        if (!untold.contains(cpu.id) || about == info.end() || !about->apic_id) continue;
        cpu.apic_id = about->apic_id;
        added = true;
    }
    const Provenance row{"cpus.apic_id that CPUID does not tell", "/proc/cpuinfo"};
    const bool is_known = std::any_of(
        machine.provenance.begin(), machine.provenance.end(),
        [&](const Provenance& one) { return one.fact == "cpus.apic_id" && one.source == row.source; });
    if (added && !is_known) machine.provenance.push_back(row);
}

// A recording tells nothing of the CPUs on which it was not taken, as in a cpuset.
void find_unrecorded(const CpuSet& online, CpuidFacts& facts) {
    CpuSet missing = online;
    for (const CpuidCpu& cpu : facts.cpus) missing.remove(cpu.cpu);
    facts.refused_cpus.assign(missing.begin(), missing.end());
}

}  // namespace

Result<Machine> build_machine(const Host& host) {
    Machine machine, kernel, cpuid;
    SysfsFacts facts;
    CpuidFacts told;
    if (host.root) {
        facts = read_sysfs(host);
        machine = machine_from_sysfs(facts);
    }
    if (host.cpuid) {
        const CpuidReading reading = host.is_live ? CpuidReading::like_cpus : CpuidReading::every_cpu;
        told = read_cpuid(*host.cpuid, reading);
        if (!host.is_live) find_unrecorded(machine.host.online, told);
        if (host.is_live && host.root && !told.refused_cpus.empty()) {
            read_caches(*host.root, CacheFacts::all, facts);
            machine = machine_from_sysfs(facts);
        }
        cpuid = machine_from_cpuid(told);
        kernel = std::move(machine);
        machine = kernel.cpus.empty() ? cpuid : join(kernel, cpuid);
        if (host.root) add_untold_apic_ids(*host.root, cpuid, facts.info, machine);
        if (auto tables = cpu_names_source())
            machine.provenance.push_back({"types.codename, types.features", std::move(*tables)});
    }
    if (host.root) add_surroundings(*host.root, facts.info, machine);
    if (machine.cpus.empty()) {
        const std::string_view fault = host.root ? cpu_info_fault(*host.root) : "";
        return fail(fault.empty() ? "it tells of no CPU"
                                  : "it tells of no CPU: its proc/cpuinfo is " + std::string(fault),
                    host.name,
                    "neither sys/devices/system/cpu nor proc/cpuinfo nor CPUID names one: copy them anew");
    }
    put_caches_in_order(machine);
    split_compute_units(machine);
    place_by_apic_ids(told.kinds, machine);
    machine.host.source = host.name;
    if (host.root && !host.is_live) add_damaged_files(*host.root, facts, machine);
    add_findings(kernel, cpuid, machine, facts.cpu.smt_control.value_or(""));
    machine.fingerprint = fingerprint(machine);
    return machine;
}

}  // namespace torque
