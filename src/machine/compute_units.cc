#include "machine/compute_units.h"

#include <algorithm>
#include <map>

#include "machine/core_types.h"

namespace torque {
namespace {

constexpr int kBulldozerFamily = 0x15;

bool has_compute_units(const CoreType& type) {
    return type.vendor == "AuthenticAMD" && type.family == kBulldozerFamily;
}

}  // namespace

void split_compute_units(Machine& machine) {
    if (std::none_of(machine.types.begin(), machine.types.end(), has_compute_units)) return;
    std::map<int, const CpuSet*> l1_of_cpu;
    for (const Cache& cache : machine.caches) {
        if (cache.level != 1 || cache.type != CacheType::data) continue;
        for (int cpu : cache.cpus) l1_of_cpu[cpu] = &cache.cpus;
    }
    std::vector<Core> cores;
    int units = 0;
    for (const Core& core : machine.cores) {
        CpuSet left = core.cpus;
        bool split = false;
        while (!left.empty()) {
            const auto l1 = l1_of_cpu.find(left.first());
            Core part = core;
            part.cpus = l1 == l1_of_cpu.end() ? left : left & *l1->second;
            split = split || part.cpus != core.cpus;
            left -= part.cpus;
            cores.push_back(std::move(part));
        }
        units += split ? 1 : 0;
    }
    if (units == 0) return;
    std::sort(cores.begin(), cores.end(), [](const Core& a, const Core& b) { return a.cpus < b.cpus; });
    std::map<int, Cpu*> cpus;
    for (Cpu& cpu : machine.cpus) cpus[cpu.id.value] = &cpu;
    for (std::size_t i = 0; i < cores.size(); ++i) {
        cores[i].id = CoreId{static_cast<int>(i)};
        int smt = 0;
        for (int id : cores[i].cpus) {
            cpus[id]->core = cores[i].id;
            cpus[id]->smt = smt++;
        }
    }
    machine.cores = std::move(cores);
    assign_types(machine);
    machine.findings.push_back(
        {"amd-compute-units",
         Severity::info,
         std::to_string(units) +
             " compute units of two cores each: the kernel calls the two the threads of one core",
         "the cores of a unit share its L2 and floating-point unit; a worker a unit disturbs no other",
         {"/sys/devices/system/cpu/cpu*/topology/thread_siblings",
          "/sys/devices/system/cpu/cpu*/cache/index*"}});
}

}  // namespace torque
