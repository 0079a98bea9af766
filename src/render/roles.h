// What each CPU is for: as the machine has it now, and as a plan wants it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "render/text.h"
#include "torque/layout.h"
#include "torque/machine.h"

namespace torque {

enum class Role { ordinary, worker, sibling, housekeeping, isolated, offline, not_allowed };

struct RoleRow {
    Role role;
    const char* name;  // "worker"
    const char* mark;  // what a drawing writes beside the number of the CPU: colour alone says nothing
    const char* what;  // one line for a legend
    Tone tone;
};

const RoleRow& role_row(Role role);

struct CpuRole {
    Role now = Role::ordinary;      // ordinary, isolated, offline or not_allowed
    Role planned = Role::ordinary;  // without a plan as `now`
    std::vector<int> workers;       // that the plan puts there
};

using CpuRoles = std::map<int, CpuRole>;  // by CPU number, of all CPUs of the machine

// A CPU that is offline or that the plan says nothing of keeps its state as its planned role.
CpuRoles cpu_roles(const Machine& machine, const Layout* layout);

// "w3", "w3,7" of a worker's CPU, else the mark of its planned role.
std::string mark_text(const CpuRole& role);

std::string class_name(Role role);  // of a style: "worker", "not-allowed"

// The planned roles that occur, and which CPUs have each, in the order of a legend.
std::vector<std::pair<Role, CpuSet>> roles_in_use(const CpuRoles& roles);

}  // namespace torque
