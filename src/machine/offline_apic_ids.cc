#include "machine/offline_apic_ids.h"

#include <algorithm>
#include <map>
#include <optional>

namespace torque {
namespace {

// Bits of an APIC id below the core's; absent where kinds of CPUs differ in it.
std::optional<int> thread_bits(const std::vector<CpuidKind>& kinds) {
    std::optional<int> bits;
    for (const CpuidKind& kind : kinds) {
        const auto core = std::find_if(kind.domains.begin(), kind.domains.end(), [](const CpuidDomain& one) {
            return one.kind == CpuidDomainKind::core;
        });
        if (core == kind.domains.end() || (bits && *bits != core->shift)) return std::nullopt;
        bits = core->shift;
    }
    return bits;
}

// The machine's cores by the bits of the APIC id that the threads of a core have in common; absent where some
// core has several, or several cores have the same.
std::optional<std::map<std::uint32_t, CoreId>> cores_by_id(const Machine& machine, int bits) {
    std::map<std::uint32_t, CoreId> cores;
    for (const Cpu& cpu : machine.cpus) {
        if (!cpu.online) continue;
        if (!cpu.apic_id || !cpu.core) return std::nullopt;
        const auto at = cores.try_emplace(*cpu.apic_id >> bits, *cpu.core).first;
        if (at->second != *cpu.core) return std::nullopt;
    }
    if (cores.size() != machine.cores.size()) return std::nullopt;
    return cores;
}

// An offline CPU whose core may be found.
bool is_unplaced(const Cpu& cpu) {
    return !cpu.online && !cpu.core && cpu.apic_id;
}

}  // namespace

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

void place_by_apic_ids(const std::vector<CpuidKind>& kinds, Machine& machine) {
    if (std::none_of(machine.cpus.begin(), machine.cpus.end(), is_unplaced)) return;
    const auto bits = thread_bits(kinds);
    const auto cores = bits ? cores_by_id(machine, *bits) : std::nullopt;
    if (!cores) return;
    bool placed = false;
    for (Cpu& cpu : machine.cpus) {
        if (!is_unplaced(cpu)) continue;
        const auto core = cores->find(*cpu.apic_id >> *bits);
        if (core == cores->end()) continue;
        cpu.core = core->second;
        placed = true;
    }
    if (placed) machine.provenance.push_back({"cpus.core of offline CPUs", "their APIC ids"});
}

}  // namespace torque
