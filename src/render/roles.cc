#include "render/roles.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "render/fold.h"

namespace torque {
namespace {

constexpr RoleRow kRoles[] = {
    {Role::worker, "worker", "w", "runs a worker of the plan", Tone::chosen},
    {Role::sibling, "sibling", "s", "another thread of a worker's core", Tone::slow_core},
    {Role::housekeeping, "housekeeping", "h", "everything else runs here", Tone::fast_core},
    {Role::isolated, "isolated", "i", "the scheduler puts nothing there by itself", Tone::notice},
    {Role::not_allowed, "not allowed", "n", "outside of this cgroup's CPUs", Tone::problem},
    {Role::offline, "offline", "x", "switched off", Tone::faint},
    {Role::ordinary, "ordinary", "", "online, for any work", Tone::plain},
};

Role planned_role(int cpu, const CpuRole& role, const Layout& layout, const CpuSet& siblings) {
    if (role.now == Role::offline) return Role::offline;
    if (!role.workers.empty()) return Role::worker;
    if (layout.housekeeping.contains(cpu)) return Role::housekeeping;
    if (siblings.contains(cpu)) return Role::sibling;
    if (layout.isolated.contains(cpu)) return Role::isolated;
    return role.now;
}

}  // namespace

const RoleRow& role_row(Role role) {
    for (const RoleRow& row : kRoles) {
        if (row.role == role) return row;
    }
    return kRoles[std::size(kRoles) - 1];
}

CpuRoles cpu_roles(const Machine& machine, const Layout* layout) {
    const CpuStates states = cpu_states(machine);
    CpuRoles out;
    for (const Cpu& cpu : machine.cpus) {
        Role now = Role::ordinary;
        if (states.isolated.contains(cpu.id)) now = Role::isolated;
        if (states.not_allowed.contains(cpu.id)) now = Role::not_allowed;
        if (!cpu.online) now = Role::offline;
        out[cpu.id.value] = {now, now, {}};
    }
    if (layout == nullptr) return out;
    CpuSet siblings;
    for (const Worker& worker : layout->workers) {
        siblings |= worker.siblings;
        const auto found = out.find(worker.cpu.value);
        if (found != out.end()) found->second.workers.push_back(worker.id);
    }
    for (auto& [cpu, role] : out) role.planned = planned_role(cpu, role, *layout, siblings);
    return out;
}

std::string mark_text(const CpuRole& role) {
    std::string out = role_row(role.planned).mark;
    if (role.planned != Role::worker) return out;
    for (std::size_t i = 0; i < role.workers.size(); ++i)
        out += (i == 0 ? "" : ",") + std::to_string(role.workers[i]);
    return out;
}

std::string class_name(Role role) {
    std::string out = role_row(role).name;
    std::replace(out.begin(), out.end(), ' ', '-');
    return out;
}

std::vector<std::pair<Role, CpuSet>> roles_in_use(const CpuRoles& roles) {
    std::vector<std::pair<Role, CpuSet>> out;
    for (const RoleRow& row : kRoles) {
        CpuSet cpus;
        for (const auto& [cpu, role] : roles) {
            if (role.planned == row.role) cpus.add(cpu);
        }
        if (!cpus.empty()) out.emplace_back(row.role, std::move(cpus));
    }
    return out;
}

}  // namespace torque
