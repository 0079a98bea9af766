#include "machine/findings.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "machine/findings_checks.h"

namespace torque {
namespace findings {

bool is_guest(const Machine& machine, const Machine& cpuid) {
    if (machine.host.hypervisor) return true;
    const auto unnamed = [](const Finding& finding) { return finding.id == "cpuid-hypervisor-unnamed"; };
    return std::any_of(machine.findings.begin(), machine.findings.end(), unnamed) ||
           std::any_of(cpuid.findings.begin(), cpuid.findings.end(), unnamed);
}

CpuSet online_cpus(const Machine& machine) {
    CpuSet online;
    for (const Cpu& cpu : machine.cpus) {
        if (cpu.online) online.add(cpu.id);
    }
    return online;
}

std::string counted(int count, std::string_view thing) {
    return std::to_string(count) + ' ' + std::string(thing) + (count == 1 ? "" : "s");
}

std::string cpus_text(const CpuSet& cpus) {
    constexpr std::size_t kLengthMax = 60;
    std::string list = cpus.list();
    if (list.size() > kLengthMax) list = list.substr(0, list.rfind(',', kLengthMax)) + ",...";
    return (cpus.count() == 1 ? "CPU " : "CPUs ") + list;
}

std::string size_text(std::uint64_t bytes) {
    static constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
    std::uint64_t unit_bytes = 1024;
    std::size_t unit = 0;
    while (unit + 1 < std::size(kUnits) && bytes / 1024 >= unit_bytes) {
        unit_bytes *= 1024;
        ++unit;
    }
    const std::uint64_t tenths = bytes % unit_bytes * 10 / unit_bytes;
    std::string text = std::to_string(bytes / unit_bytes);
    if (tenths != 0) text += "." + std::to_string(tenths);
    return text + " " + kUnits[unit];
}

std::optional<std::pair<CpuSet, CpuSet>> first_difference(std::vector<CpuSet> a, std::vector<CpuSet> b) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    const auto at = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (at.first == a.end() && at.second == b.end()) return std::nullopt;
    return std::pair(at.first != a.end() ? *at.first : CpuSet{},
                     at.second != b.end() ? *at.second : CpuSet{});
}

std::string source_of(const Machine& machine, std::string_view fact, std::string_view otherwise) {
    for (const Provenance& row : machine.provenance) {
        if (row.fact == fact) return row.source;
    }
    return std::string(otherwise);
}

}  // namespace findings

std::vector<Check> checks() {
    std::vector<Check> all = findings::source_checks();
    for (const auto& table : {findings::claim_checks(), findings::hurt_checks()})
        all.insert(all.end(), table.begin(), table.end());
    return all;
}

void add_findings(const Machine& kernel, const Machine& cpuid, Machine& machine,
                  std::string_view smt_control) {
    std::vector<Finding> found;
    const Evidence evidence{machine, kernel, cpuid, smt_control, place_offline(machine, machine.cores)};
    for (const Check& check : checks()) {
        auto said = check.look(evidence);
        if (!said) continue;
        found.push_back({check.id, check.severity, std::move(said->message), std::move(said->hint),
                         std::move(said->sources)});
    }
    machine.findings.insert(machine.findings.end(), std::make_move_iterator(found.begin()),
                            std::make_move_iterator(found.end()));
}

}  // namespace torque
