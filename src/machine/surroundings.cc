#include "machine/surroundings.h"

#include <algorithm>
#include <string>

#include "machine/devices.h"
#include "machine/findings_cpuinfo.h"
#include "machine/offline_apic_ids.h"
#include "probes/arch.h"
#include "probes/frequency.h"
#include "probes/hmat.h"
#include "probes/hypervisor.h"
#include "probes/madt.h"
#include "probes/memory_kind.h"

namespace torque {
namespace {

void add_memory(const Dir& root, Machine& machine) {
    machine.memory_attributes = read_hmat(root, machine.nodes);
    read_memory_kinds(root, machine.memory_attributes, machine.nodes);
    const char* node = "/sys/devices/system/node/node*/";
    if (!machine.memory_attributes.empty()) {
        machine.provenance.push_back(
            {"memory_attributes", std::string(node) + "access*/initiators (ACPI HMAT)"});
    }
    const auto has_kind = [](const Node& one) { return one.memory_kind.has_value(); };
    if (std::any_of(machine.nodes.begin(), machine.nodes.end(), has_kind)) {
        machine.provenance.push_back({"nodes.memory_kind",
                                      "/sys/devices/virtual/memory_tiering, /sys/bus/dax/devices, "
                                      "/proc/driver/nvidia/gpus/*/numa_status, ACPI HMAT"});
    }
}

void add_hypervisor(const Dir& root, const std::vector<CpuInfo>& info, Machine& machine) {
    if (machine.host.hypervisor) return;
    machine.host.hypervisor = read_hypervisor(root);
    if (machine.host.hypervisor) {
        machine.provenance.push_back(
            {"host.hypervisor", "/sys/hypervisor/type, /sys/class/dmi/id, /proc/device-tree, /proc/sysinfo"});
        return;
    }
    const auto is_guest = [](const CpuInfo& cpu) { return cpu.hypervisor; };
    if (std::any_of(info.begin(), info.end(), is_guest)) {
        machine.host.hypervisor = "unknown hypervisor";
        machine.provenance.push_back({"host.hypervisor", "/proc/cpuinfo: the flag \"hypervisor\""});
    }
}

std::string ghz(std::uint64_t khz) {
    const std::uint64_t tenths = khz / 100'000;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " GHz";
}

void find_frequency_limits(const Dir& root, Machine& machine) {
    const std::vector<FrequencyLimit> limits = read_frequency_limits(root, machine.cpus);
    if (limits.empty()) return;
    std::string kept;
    for (const FrequencyLimit& limit : limits) {
        kept += (kept.empty() ? "cpu" : ", cpu") + std::to_string(limit.cpu) + " at " + ghz(limit.limit_khz) +
                " of " + ghz(limit.max_khz);
    }
    machine.findings.push_back({"frequency-limited",
                                Severity::warning,
                                "cpufreq keeps CPUs below what they can do: " + kept + ", and their like",
                                "raise scaling_max_freq, or choose another power profile",
                                {"/sys/devices/system/cpu/cpu*/cpufreq/scaling_max_freq"}});
}

}  // namespace

void add_surroundings(const Dir& root, const std::vector<CpuInfo>& info, Machine& machine) {
    if (machine.cpus.empty()) return;
    machine.host.arch = read_arch(root);
    // Old Arm kernels tell it once, behind the last CPU.
    for (std::size_t i = 0; i < info.size() && !machine.host.arch; ++i) machine.host.arch = info[i].arch;
    add_hypervisor(root, info, machine);
    const bool all_online =
        std::all_of(machine.cpus.begin(), machine.cpus.end(), [](const Cpu& cpu) { return cpu.online; });
    if (!all_online) add_offline_apic_ids(read_madt_apic_ids(root), machine);
    add_memory(root, machine);
    add_devices(root, machine);
    find_frequency_limits(root, machine);
    find_cpuinfo_differences(info, machine);
}

}  // namespace torque
