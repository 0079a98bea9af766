// Every machine of up to two nodes of up to two caches of up to two cores of up to two threads, every
// request: what must hold of any plan, whatever the machine.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "catch.h"
#include "plan/kernel_list.h"
#include "torque/planner.h"
#include "unit/plan/worlds.h"

using namespace torque;

namespace {

constexpr SmtPolicy kSmt[] = {SmtPolicy::idle, SmtPolicy::use, SmtPolicy::assist, SmtPolicy::offline,
                              SmtPolicy::housekeeping};

// All ways to make a node of one or two caches.
std::vector<worlds::NodeSpec> nodes_of(int package) {
    std::vector<worlds::Llc> caches;
    for (int cores : {1, 2}) {
        for (int threads : {1, 2}) caches.push_back({{{cores, threads}}});
    }
    std::vector<worlds::NodeSpec> nodes;
    for (const worlds::Llc& first : caches) {
        nodes.push_back({{first}, package});
        for (const worlds::Llc& second : caches) {
            // Which cache comes first matters only where the boot CPU is.
            if (package > 0 && &second < &first) continue;
            nodes.push_back({{first, second}, package});
        }
    }
    return nodes;
}

std::vector<worlds::World> all_worlds() {
    std::vector<worlds::World> out;
    for (const auto numbering : {worlds::Numbering::neighbours, worlds::Numbering::rounds}) {
        for (const worlds::NodeSpec& first : nodes_of(0)) {
            out.push_back({{first}, numbering});
            for (const worlds::NodeSpec& second : nodes_of(1)) out.push_back({{first, second}, numbering});
        }
    }
    return out;
}

// What the rules allow, counted without the planner's code. In these worlds no node has more than sixteen
// workers, so the floor is one core: the boot core on its own node, the lowest elsewhere.
struct Oracle {
    std::map<int, int> node_seats;             // workers that fit, by node
    std::map<std::pair<int, int>, int> seats;  // by node and level 3 cache
    int total = 0;
    bool lone = false;
};

int llc_of(const Machine& machine, int cpu) {
    for (std::size_t i = 0; i < machine.caches.size(); ++i) {
        if (machine.caches[i].level == 3 && machine.caches[i].cpus.contains(cpu)) return static_cast<int>(i);
    }
    return -1;
}

Oracle count(const Machine& machine, SmtPolicy smt) {
    Oracle out;
    if (machine.cores.size() == 1) {
        out.lone = true;
        out.total = 1;
        return out;
    }
    for (const Node& node : machine.nodes) {
        int lowest = -1;
        for (const Core& core : machine.cores) {
            if (!node.cpus.contains(core.cpus)) continue;
            if (lowest < 0) lowest = core.cpus.first();  // cores are built in ascending order
            if (core.cpus.first() == lowest) continue;
            const int seats = smt == SmtPolicy::use ? core.cpus.count() : 1;
            out.node_seats[node.id.value] += seats;
            out.seats[{node.id.value, llc_of(machine, core.cpus.first())}] += seats;
            out.total += seats;
        }
    }
    return out;
}

// Fails with a sentence; assertions of the framework would cost more than the plans do.
using Faults = std::vector<std::string>;

void check_division(const Machine& machine, const Layout& layout, SmtPolicy smt, Faults& faults) {
    const CpuSet& isolated = layout.isolated;
    if (isolated.contains(0)) faults.push_back("the boot CPU is isolated");
    if (isolated.intersects(layout.housekeeping)) faults.push_back("isolated and housekeeping overlap");
    if ((isolated | layout.housekeeping) != machine.host.possible) faults.push_back("CPUs are left out");
    CpuSet workers;
    for (const Worker& worker : layout.workers) {
        if (workers.contains(worker.cpu)) faults.push_back("two workers on one CPU");
        workers.add(worker.cpu);
    }
    if (machine.cores.size() > 1 && !isolated.contains(workers)) faults.push_back("a worker is not isolated");
    for (const Core& core : machine.cores) {
        const bool split = isolated.intersects(core.cpus) && !isolated.contains(core.cpus);
        if (split && smt != SmtPolicy::housekeeping) faults.push_back("a core is half isolated");
    }
}

void check_floor(const Machine& machine, const Layout& layout, Faults& faults) {
    for (const Node& node : machine.nodes) {
        const auto workers = std::count_if(layout.workers.begin(), layout.workers.end(),
                                           [&](const Worker& worker) { return worker.node == node.id; });
        int kept = 0;
        for (const Core& core : machine.cores) {
            kept += node.cpus.contains(core.cpus) && !layout.isolated.intersects(core.cpus) ? 1 : 0;
        }
        if (workers > 0 && kept < std::max(1, static_cast<int>(workers + 15) / 16))
            faults.push_back("no floor");
    }
}

// No group has two more than another that has room.
template <class Key>
void check_balance(const std::map<Key, int>& counts, const std::map<Key, int>& room, const char* what,
                   Faults& faults) {
    for (const auto& [a, most] : counts) {
        for (const auto& [b, capacity] : room) {
            const auto found = counts.find(b);
            const int least = found == counts.end() ? 0 : found->second;
            if (least < capacity && most > least + 1)
                faults.push_back(std::string(what) + " are out of balance");
        }
    }
}

void check_spread(const Machine& machine, const Layout& layout, const Oracle& oracle, Faults& faults) {
    std::map<int, int> by_node;
    std::map<int, std::map<std::pair<int, int>, int>> by_cache, room;
    for (const Worker& worker : layout.workers) {
        const int node = worker.node->value;
        ++by_node[node];
        ++by_cache[node][{node, llc_of(machine, worker.cpu.value)}];
    }
    check_balance(by_node, oracle.node_seats, "nodes", faults);
    for (const auto& [key, seats] : oracle.seats) room[key.first][key] = seats;
    for (const auto& [node, counts] : by_cache) check_balance(counts, room[node], "caches", faults);
}

void check_huddle(const Machine& machine, const Layout& layout, const Oracle& oracle, Faults& faults) {
    std::set<int> nodes;
    std::set<int> caches;
    int best_node = 0;
    for (const Worker& worker : layout.workers) {
        nodes.insert(worker.node->value);
        caches.insert(llc_of(machine, worker.cpu.value));
    }
    for (const auto& [node, seats] : oracle.node_seats) best_node = std::max(best_node, seats);
    const int workers = static_cast<int>(layout.workers.size());
    if (workers <= best_node && nodes.size() > 1) faults.push_back("workers would fit on one node");
    for (const auto& [key, seats] : oracle.seats) {
        const bool fits = nodes.size() == 1 && key.first == *nodes.begin() && workers <= seats;
        if (fits && caches.size() > 1) faults.push_back("workers would fit below one cache");
    }
}

// Second threads only where every core that may host a worker has one.
void check_rounds(const Layout& layout, const Oracle& first_round, Faults& faults) {
    std::map<int, int> by_core;
    for (const Worker& worker : layout.workers) ++by_core[worker.core.value];
    const bool doubled =
        std::any_of(by_core.begin(), by_core.end(), [](const auto& entry) { return entry.second > 1; });
    if (doubled && static_cast<int>(by_core.size()) < first_round.total)
        faults.push_back("a core is shared too early");
}

void check_boot_line(const Machine& machine, const Layout& layout, Faults& faults) {
    if (layout.boot.cmdline.has_value() == layout.isolated.empty())
        faults.push_back("boot line without isolation, or none");
    for (const BootArg& arg : layout.boot.args) {
        const bool keeps_house = arg.name == "irqaffinity";
        if (arg.value.empty()) continue;
        const std::string lists =
            arg.name == "isolcpus" ? arg.value.substr(std::string("managed_irq,domain,").size()) : arg.value;
        const auto read = planning::parse_kernel_list(lists, machine.host.possible.last() + 1);
        if (!read || *read != (keeps_house ? layout.housekeeping : layout.isolated))
            faults.push_back("boot line: " + arg.value);
    }
}

// Does the order in which a machine's parts are listed matter?
Machine shuffled(Machine machine) {
    std::reverse(machine.cpus.begin(), machine.cpus.end());
    std::rotate(machine.cores.begin(),
                machine.cores.begin() + static_cast<std::ptrdiff_t>(machine.cores.size() / 2),
                machine.cores.end());
    std::reverse(machine.caches.begin(), machine.caches.end());
    std::reverse(machine.nodes.begin(), machine.nodes.end());
    return machine;
}

Faults faults_of(const Machine& machine, const Machine& reordered, const Request& request) {
    Faults faults;
    const Oracle oracle = count(machine, request.smt);
    const auto layout = plan(machine, worlds::full_profile(), request);
    const bool fits = request.workers.value_or(1) <= oracle.total;
    if (layout.has_value() != fits)
        return {fits ? "refused: " + layout.error().what : "more workers than slots"};
    if (!layout) {
        if (layout.error().kind != ErrorKind::infeasible) faults.push_back("the wrong kind of error");
        return faults;
    }
    const auto expected = static_cast<std::size_t>(request.workers.value_or(oracle.total));
    if (layout->workers.size() != expected) faults.push_back("the wrong number of workers");
    check_division(machine, *layout, request.smt, faults);
    check_boot_line(machine, *layout, faults);
    if (!oracle.lone) {
        check_floor(machine, *layout, faults);
        if (request.smt == SmtPolicy::use) {
            check_rounds(*layout, count(machine, SmtPolicy::idle), faults);
        } else if (request.policy == Policy::spread) {
            check_spread(machine, *layout, oracle, faults);
        } else {
            check_huddle(machine, *layout, oracle, faults);
        }
    }
    if (request.isolate == Isolate::rest) return faults;  // the same placement has been looked at
    const auto again = plan(reordered, worlds::full_profile(), request);
    if (!again || *again != *layout) faults.push_back("the order of the machine's parts matters");
    return faults;
}

}  // namespace

TEST_CASE("every request on every small machine keeps the rules") {
    long plans = 0;
    for (const worlds::World& world : all_worlds()) {
        const Machine machine = worlds::build(world);
        const Machine reordered = shuffled(machine);
        for (const SmtPolicy smt : kSmt) {
            // These two are placed as `idle` is: a few requests show that they come through.
            const bool as_idle = smt == SmtPolicy::assist || smt == SmtPolicy::offline;
            const int most = as_idle ? 0 : count(machine, smt).total;
            for (int workers = 0; workers <= most + 1; ++workers) {
                for (const Policy policy : {Policy::spread, Policy::huddle}) {
                    for (const Isolate isolate : {Isolate::minimal, Isolate::rest}) {
                        Request request;
                        if (workers > 0) request.workers = workers;  // 0 stands for auto
                        request.policy = policy;
                        request.smt = smt;
                        request.isolate = isolate;
                        ++plans;
                        const Faults faults = faults_of(machine, reordered, request);
                        if (faults.empty()) continue;
                        FAIL(faults.front()
                             << ": " << workers << " workers, policy " << static_cast<int>(policy) << ", smt "
                             << static_cast<int>(smt) << ", isolate " << static_cast<int>(isolate)
                             << ", CPUs " << machine.host.possible.list() << ", " << machine.cores.size()
                             << " cores, " << machine.nodes.size() << " nodes");
                    }
                }
            }
        }
    }
    CHECK(plans > 20000);
}
