#include "property/checks.h"

#include <algorithm>
#include <climits>
#include <map>
#include <set>

#include "layout/layout_json.h"
#include "plan/kernel_list.h"
#include "tune/lint.h"
#include "tune/lint_target.h"

namespace property {
namespace {

using namespace torque;

// A core that may host one worker, and its place.
struct Slot {
    CpuSet cpus;
    int node = -1;
    int llc = -1;  // index into Machine::caches; -1 where there is none above level 1
};

struct Rooms {
    std::map<int, std::vector<Slot>> slots;  // by node, ascending by first CPU
    std::map<int, int> kept;                 // by node: whole cores that can only keep house
    std::vector<Slot> usable;                // of any class, with the boot CPU's core
    CpuSet universe;                         // what the plan divides
    CpuSet boot_core;                        // empty in a container without it
    bool container = false;
};

const Cpu* find(const Machine& machine, int cpu) {
    const auto at = std::lower_bound(machine.cpus.begin(), machine.cpus.end(), cpu,
                                     [](const Cpu& a, int b) { return a.id.value < b; });
    return at != machine.cpus.end() && at->id.value == cpu ? &*at : nullptr;
}

int node_of(const Machine& machine, int cpu) {
    const Cpu* known = find(machine, cpu);
    if (known != nullptr && known->node) return known->node->value;
    for (const Node& node : machine.nodes) {
        if (node.cpus.contains(cpu)) return node.id.value;
    }
    return -1;
}

int llc_of(const Machine& machine, int cpu) {
    int best = -1;
    for (std::size_t i = 0; i < machine.caches.size(); ++i) {
        const Cache& cache = machine.caches[i];
        if (cache.level < 2 || cache.type == CacheType::instruction || !cache.cpus.contains(cpu)) continue;
        if (best < 0 || machine.caches[static_cast<std::size_t>(best)].level < cache.level)
            best = static_cast<int>(i);
    }
    return best;
}

CpuSet online_of(const Machine& machine) {
    CpuSet online;
    for (const Cpu& cpu : machine.cpus) {
        if (cpu.online) online.add(cpu.id);
    }
    return online;
}

// The machine's cores, and CPUs of no core as cores of their own.
std::vector<CpuSet> cores_of(const Machine& machine, const CpuSet& online) {
    std::vector<CpuSet> cores;
    CpuSet left = online;
    for (const Core& core : machine.cores) {
        const CpuSet cpus = core.cpus & left;
        left -= cpus;
        if (!cpus.empty()) cores.push_back(cpus);
    }
    for (int cpu : left) cores.push_back({cpu});
    std::sort(cores.begin(), cores.end(),
              [](const CpuSet& a, const CpuSet& b) { return a.first() < b.first(); });
    return cores;
}

int class_of(const Machine& machine, const CpuSet& core) {
    const Cpu* cpu = find(machine, core.first());
    if (cpu == nullptr || !cpu->type) return 0;
    for (const CoreType& type : machine.types) {
        if (type.id != *cpu->type) continue;
        return type.core_class == CoreClass::uniform ? 0 : static_cast<int>(type.core_class);
    }
    return 0;
}

Rooms rooms_of(const Machine& machine) {
    Rooms out;
    const CpuSet online = online_of(machine);
    CpuSet allowed, possible = machine.host.possible;
    for (const Cpu& cpu : machine.cpus) {
        possible.add(cpu.id);
        if (cpu.online && cpu.allowed) allowed.add(cpu.id);
    }
    out.container = machine.host.cgroup_cpus && !machine.host.cgroup_cpus->contains(online);
    if (out.container) allowed &= *machine.host.cgroup_cpus;
    out.universe = out.container ? allowed : possible;
    int best = INT_MAX;
    const std::vector<CpuSet> cores = cores_of(machine, online);
    for (const CpuSet& core : cores) {
        const bool boots = core.contains(possible.first());
        if (boots && out.universe.contains(core)) out.boot_core = core;
        if (!allowed.contains(core)) continue;
        out.usable.push_back({core, node_of(machine, core.first()), llc_of(machine, core.first())});
        if (!boots) best = std::min(best, class_of(machine, core));
    }
    for (const CpuSet& core : cores) {
        const int node = node_of(machine, core.first());
        const bool hosts =
            allowed.contains(core) && !core.contains(possible.first()) && class_of(machine, core) == best;
        if (hosts) {
            out.slots[node].push_back({core, node, llc_of(machine, core.first())});
        } else if (out.universe.contains(core)) {
            ++out.kept[node];
        }
    }
    return out;
}

int floor_of(int workers) {
    return std::max(1, (workers + 15) / 16);
}

// The largest number of workers with which a node of so many slots keeps its floor.
int capacity(int slots, int kept, bool container) {
    if (container) return slots;
    int workers = slots;
    while (workers > 0 && kept + slots - workers < floor_of(workers)) --workers;
    return workers;
}

bool is_lone(const Rooms& rooms, const Machine& machine) {
    if (rooms.usable.size() != 1) return false;
    const CpuSet present = rooms.universe & online_of(machine);
    return rooms.usable.front().cpus == present || rooms.slots.empty();
}

// No group has two more than another that has room.
void check_balance(const std::map<int, int>& counts, const std::map<int, int>& room, const char* what,
                   Faults& faults) {
    for (const auto& [a, most] : counts) {
        for (const auto& [b, least] : counts) {
            if (least < room.at(b) && most > least + 1)
                faults.push_back(std::string(what) + " are out of balance");
        }
    }
}

struct Seated {
    std::map<int, int> by_node;                // workers, 0 for a node that could have had some
    std::map<int, std::map<int, int>> by_llc;  // by node and cache
    std::map<int, std::map<int, int>> llc_room;
};

Seated seat(const Machine& machine, const Rooms& rooms, const Layout& layout) {
    Seated out;
    for (const auto& entry : rooms.slots) out.by_node[entry.first] = 0;
    for (const Worker& worker : layout.workers) {
        const int node = node_of(machine, worker.cpu.value);
        ++out.by_node[node];
        ++out.by_llc[node][llc_of(machine, worker.cpu.value)];
    }
    for (const auto& [node, slots] : rooms.slots) {
        const int workers = out.by_node[node];
        const auto kept = rooms.kept.find(node);
        int given_up =
            layout.isolated.empty() ? 0 : floor_of(workers) - (kept == rooms.kept.end() ? 0 : kept->second);
        for (const Slot& slot : slots) {
            out.by_llc[node].try_emplace(slot.llc, 0);
            int& room = out.llc_room[node][slot.llc];
            if (given_up-- <= 0) ++room;  // the lowest keep house
        }
    }
    return out;
}

void check_spread(const Seated& seated, const std::map<int, int>& node_room, Faults& faults) {
    check_balance(seated.by_node, node_room, "nodes", faults);
    for (const auto& [node, counts] : seated.by_llc)
        check_balance(counts, seated.llc_room.at(node), "caches", faults);
}

void check_huddle(const Seated& seated, const std::map<int, int>& node_room, int workers, Faults& faults) {
    int tightest = INT_MAX;
    for (const auto& entry : node_room) {
        if (entry.second >= workers) tightest = std::min(tightest, entry.second);
    }
    for (const auto& [node, count] : seated.by_node) {
        if (tightest != INT_MAX && count > 0 && (count != workers || node_room.at(node) != tightest))
            faults.push_back("workers would fit more tightly on another node");
        const auto& room = seated.llc_room.at(node);
        const bool fits =
            std::any_of(room.begin(), room.end(), [&](const auto& entry) { return entry.second >= count; });
        const auto& counts = seated.by_llc.at(node);
        const auto used =
            std::count_if(counts.begin(), counts.end(), [](const auto& e) { return e.second > 0; });
        if (count > 0 && fits && used > 1) faults.push_back("workers would fit below one cache");
    }
}

void check_division(const Machine& machine, const Rooms& rooms, const Request& request, const Layout& layout,
                    Faults& faults) {
    const CpuSet& isolated = layout.isolated;
    const CpuSet online = online_of(machine);
    CpuSet workers, cores;
    for (const Worker& worker : layout.workers) {
        if (workers.contains(worker.cpu)) faults.push_back("two workers on one CPU");
        if (!online.contains(worker.cpu)) faults.push_back("a worker on an offline CPU");
        workers.add(worker.cpu);
    }
    if (isolated.intersects(layout.housekeeping)) faults.push_back("isolated and housekeeping overlap");
    if ((isolated | layout.housekeeping) != rooms.universe)
        faults.push_back("isolated and housekeeping are not the machine");
    if (isolated.intersects(rooms.boot_core)) faults.push_back("the boot CPU's core is isolated");
    for (const CpuSet& core : cores_of(machine, online)) {
        if (isolated.intersects(core) && !isolated.contains(core))
            faults.push_back("half a core is isolated");
        if (workers.intersects(core)) cores |= core;
        if (workers.intersects(core) && !isolated.empty() && !workers.contains(core.first()))
            faults.push_back("a worker is not on the lowest thread of its core");
    }
    if (request.isolate == Isolate::minimal && !isolated.empty() && (isolated & online) != cores)
        faults.push_back("more or less is isolated than the workers' cores");
    for (const auto& [node, slots] : rooms.slots) {
        int kept = rooms.kept.count(node) != 0 ? rooms.kept.at(node) : 0;
        int count = 0;
        for (const Slot& slot : slots) {
            kept += slot.cpus.intersects(isolated) ? 0 : 1;
            count += workers.intersects(slot.cpus) ? 1 : 0;
        }
        const bool waived = rooms.container && isolated == rooms.universe;
        if (count > 0 && !waived && !isolated.empty() && kept < floor_of(count) && !rooms.container)
            faults.push_back("node " + std::to_string(node) + " is below the floor");
    }
}

void check_workers(const Machine& machine, const Layout& layout, Faults& faults) {
    for (std::size_t i = 0; i < layout.workers.size(); ++i) {
        const Worker& worker = layout.workers[i];
        if (worker.id != static_cast<int>(i)) faults.push_back("ids have gaps");
        if (worker.siblings.contains(worker.cpu)) faults.push_back("a worker is its own sibling");
        const unsigned count = static_cast<unsigned>(worker.buffers.count);
        if (count < 16 || count > 32768 || (count & (count - 1)) != 0)
            faults.push_back("the server takes no such number of buffers");
        if (i > 0 && layout.workers[i - 1].node == worker.node && worker.cpu < layout.workers[i - 1].cpu)
            faults.push_back("workers of a node are not in the order of their CPUs");
        for (NodeId node : worker.memory_nodes) {
            for (const Node& known : machine.nodes) {
                if (known.id == node && known.memory_bytes == std::uint64_t{0})
                    faults.push_back("memory is bound to a node that has none");
            }
        }
    }
}

}  // namespace

int slots(const Machine& machine) {
    const Rooms rooms = rooms_of(machine);
    if (is_lone(rooms, machine)) return 1;
    int total = 0;
    for (const auto& [node, slots] : rooms.slots) {
        const auto kept = rooms.kept.find(node);
        total += capacity(static_cast<int>(slots.size()), kept == rooms.kept.end() ? 0 : kept->second,
                          rooms.container);
    }
    return total;
}

void check_plan(const Machine& machine, const Request& request, const Layout& layout, Faults& faults) {
    const Rooms rooms = rooms_of(machine);
    check_workers(machine, layout, faults);
    if (is_lone(rooms, machine)) {
        const bool last =
            layout.workers.size() == 1 && layout.workers[0].cpu.value == rooms.usable.front().cpus.last();
        if (!last || !layout.isolated.empty() || layout.boot.cmdline)
            faults.push_back("one core: one worker on its last thread and nothing isolated");
        return;
    }
    check_division(machine, rooms, request, layout, faults);
    std::map<int, int> node_room;
    for (const auto& [node, slots] : rooms.slots) {
        const auto kept = rooms.kept.find(node);
        node_room[node] = capacity(static_cast<int>(slots.size()),
                                   kept == rooms.kept.end() ? 0 : kept->second, rooms.container);
    }
    if (rooms.container) return;  // whether the floor is kept there depends on the number
    const Seated seated = seat(machine, rooms, layout);
    if (request.policy == Policy::spread) {
        check_spread(seated, node_room, faults);
    } else {
        check_huddle(seated, node_room, static_cast<int>(layout.workers.size()), faults);
    }
}

void check_boot_line(const Machine& machine, const Layout& layout, Faults& faults) {
    if (!layout.boot.cmdline) {
        if (!layout.isolated.empty() && !machine.host.cgroup_cpus && layout.runtime.empty())
            faults.push_back("isolation without a boot line");
        return;
    }
    const tune::LintReport report = tune::lint(*layout.boot.cmdline, tune::lint_target(machine));
    for (const tune::LintFinding& finding : report.findings) {
        if (finding.severity != tune::LintSeverity::note)
            faults.push_back("lint: " + finding.id + ": " + finding.message);
    }
    if (report.effect.isolated != layout.isolated) faults.push_back("the kernel isolates other CPUs");
    if (report.effect.irq_affinity != layout.housekeeping) faults.push_back("interrupts go elsewhere");
    for (const BootArg& arg : layout.boot.args) {
        const std::string list =
            arg.name == "isolcpus" ? arg.value.substr(arg.value.rfind("domain,") + 7) : arg.value;
        const bool is_list = arg.name == "isolcpus" || arg.name == "nohz_full" || arg.name == "rcu_nocbs" ||
                             arg.name == "irqaffinity";
        if (!is_list) continue;
        const auto cpus = planning::parse_kernel_list(list, layout.machine.possible_cpus.last() + 1);
        if (!cpus || *cpus != (arg.name == "irqaffinity" ? layout.housekeeping : layout.isolated))
            faults.push_back(arg.name + " does not read back");
    }
}

void check_document(const Layout& layout, Faults& faults) {
    const auto again = parse_layout(layout_json(layout), "layout");
    if (!again) {
        faults.push_back("the document does not parse: " + again.error().what);
    } else if (*again != layout) {
        faults.push_back("the document does not say what the layout does");
    }
}

}  // namespace property
