#include "machine/offline_apic_ids.h"

#include <algorithm>

namespace torque {

void add_offline_apic_ids(const std::vector<std::uint32_t>& firmware, Machine& machine) {
    if (machine.cpus.empty() || machine.cpus.front().id.value != 0 || !machine.cpus.front().apic_id) return;
    std::vector<std::uint32_t> by_cpu = firmware;
    const auto boot = std::find(by_cpu.begin(), by_cpu.end(), *machine.cpus.front().apic_id);
    if (boot == by_cpu.end()) return;
    std::rotate(by_cpu.begin(), boot, boot + 1);
    const auto id_of = [&](const Cpu& cpu) -> std::optional<std::uint32_t> {
        const auto at = static_cast<std::size_t>(cpu.id.value);
        return at < by_cpu.size() ? std::optional(by_cpu[at]) : std::nullopt;
    };
    const bool agrees = std::all_of(machine.cpus.begin(), machine.cpus.end(), [&](const Cpu& cpu) {
        return cpu.apic_id ? cpu.apic_id == id_of(cpu) : !cpu.online;
    });
    if (!agrees) return;
    bool added = false;
    for (Cpu& cpu : machine.cpus) {
        if (cpu.apic_id) continue;
        cpu.apic_id = id_of(cpu);
        added = added || cpu.apic_id.has_value();
    }
    if (added)
        machine.provenance.push_back({"cpus.apic_id of offline CPUs", "/sys/firmware/acpi/tables/APIC"});
}

}  // namespace torque
