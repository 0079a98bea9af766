#include "plan/survey.h"

#include <algorithm>
#include <climits>
#include <map>
#include <tuple>

#include "base/format.h"
#include "base/offline_siblings.h"
#include "base/parse.h"
#include "plan/last_level.h"

namespace torque::planning {
namespace {

// Everything the passes below look up by CPU number.
using CpuIndex = std::map<int, const Cpu*>;

CpuIndex index_cpus(const Machine& machine) {
    CpuIndex index;
    for (const Cpu& cpu : machine.cpus) {
        if (cpu.id.value < 0 || cpu.id.value > CpuSet::kMaxCpu) continue;
        index.emplace_hint(index.end(), cpu.id.value, &cpu);  // they ascend, as a rule
    }
    return index;
}

void survey_cpus(const Machine& machine, const Request& request, Survey& out) {
    CpuSet online;
    CpuSet possible = machine.host.possible;
    for (const Cpu& cpu : machine.cpus) {
        possible.add(cpu.id);
        if (cpu.online) online.add(cpu.id);
        if (cpu.online && cpu.allowed) out.allowed.add(cpu.id);
    }
    if (machine.host.cgroup_cpus) {
        out.allowed &= *machine.host.cgroup_cpus;
        out.container = !machine.host.cgroup_cpus->contains(online);
    }
    out.universe = out.container ? out.allowed : possible;
    out.boot_cpu = possible.first();
    if (request.cpus) {
        const CpuSet useless = *request.cpus - out.allowed;
        if (!useless.empty()) {
            out.warnings.push_back(formatted(
                "--cpus names {}, which the plan cannot use: offline, or outside this process' cgroup",
                useless.list()));
        }
        out.allowed &= *request.cpus;
    }
}

// The device of --near, by name first. Several functions may share a name or an address: the one that knows
// most decides, then the lowest address, so that the order of the list does not.
const Device* find_device(const Machine& machine, const std::string& wanted) {
    const auto score = [&](const Device& device) {
        return (device.name == wanted ? 4 : 0) + (device.node ? 2 : 0) + (device.queues ? 1 : 0);
    };
    const Device* best = nullptr;
    for (const Device& device : machine.devices) {
        if (wanted.empty() || (device.name != wanted && device.address != wanted)) continue;
        const bool better = best == nullptr || score(device) > score(*best) ||
                            (score(device) == score(*best) &&
                             std::tie(device.address, device.name) < std::tie(best->address, best->name));
        if (better) best = &device;
    }
    return best;
}

int slit_distance(const Machine& machine, NodeId from, NodeId to) {
    if (from == to) return 0;
    if (!machine.distances) return 20;  // the SLIT's word for "another node" where nothing is known
    const auto& [nodes, matrix] = *machine.distances;
    const auto row = std::find(nodes.begin(), nodes.end(), from);
    const auto column = std::find(nodes.begin(), nodes.end(), to);
    if (row == nodes.end() || column == nodes.end()) return INT_MAX;
    const auto i = static_cast<std::size_t>(row - nodes.begin());
    const auto j = static_cast<std::size_t>(column - nodes.begin());
    return i < matrix.size() && j < matrix[i].size() ? matrix[i][j] : INT_MAX;
}

// Groups the cores by node, lowest node first.
void survey_nodes(const Machine& machine, const CpuIndex& cpus, Survey& out) {
    std::map<int, NodeId> node_of;  // for CPUs that only the node lists
    for (const Node& node : machine.nodes) {
        for (int cpu : node.cpus) node_of.emplace(cpu, node.id);
    }
    std::map<std::optional<NodeId>, std::vector<int>> by_node;
    for (std::size_t i = 0; i < out.cores.size(); ++i) {
        const int first = out.cores[i].first();
        std::optional<NodeId> node = cpus.at(first)->node;
        if (const auto listed = node_of.find(first); !node && listed != node_of.end()) node = listed->second;
        by_node[node].push_back(static_cast<int>(i));
    }
    for (const auto& [id, cores] : by_node) {
        for (int core : cores)
            out.cores[static_cast<std::size_t>(core)].node = static_cast<int>(out.nodes.size());
        out.nodes.push_back({id, cores, {}, 0});
    }
    out.nodes_eligible = static_cast<int>(out.nodes.size());
}

// R8: the nodes in order of distance to the device, of which only the first is filled unless --spill.
Result<void> survey_near(const Machine& machine, const Request& request, Survey& out) {
    if (!request.near) return {};
    const Device* device = find_device(machine, *request.near);
    if (device == nullptr) {
        std::vector<std::string> names;
        for (const Device& known : machine.devices) {
            names.push_back(known.name.empty() ? known.address : known.name);
        }
        const auto guess = did_you_mean(*request.near, names);
        return fail(formatted("there is no device \"{}\" on this machine", printable(*request.near)),
                    "--near",
                    guess ? formatted("did you mean {}?", printable(*guess))
                          : "name a network interface, a block device or a PCI address that `show` lists",
                    ErrorKind::usage);
    }
    if (!device->node) {
        out.warnings.push_back(formatted("the kernel does not know the NUMA node of {}: --near has no effect",
                                         printable(*request.near)));
        return {};
    }
    out.near = device;
    for (SurveyNode& node : out.nodes) {
        // From the workers' CPUs to the device's memory: the row is the worker's node.
        node.distance = node.id ? slit_distance(machine, *node.id, *device->node) : INT_MAX;
    }
    std::stable_sort(out.nodes.begin(), out.nodes.end(),
                     [](const SurveyNode& a, const SurveyNode& b) { return a.distance < b.distance; });
    for (std::size_t i = 0; i < out.nodes.size(); ++i) {
        for (int core : out.nodes[i].cores)
            out.cores[static_cast<std::size_t>(core)].node = static_cast<int>(i);
    }
    if (!request.spill) out.nodes_eligible = std::min(out.nodes_eligible, 1);
    return {};
}

bool class_is_wanted(int rank, int best, ClassChoice choice) {
    if (choice == ClassChoice::any) return true;
    return rank == (choice == ClassChoice::best ? best : 1);
}

// R1, R2, R3: marks the cores that may host a worker, and numbers their classes from the best.
void survey_slots(const Request& request, Survey& out) {
    int best = INT_MAX;
    for (SurveyCore& core : out.cores) {
        core.in_universe = out.universe.contains(core.cpus);
        const bool boots = core.cpus.contains(out.boot_cpu) || core.absent.contains(out.boot_cpu);
        const bool is_split = !out.allowed.contains(core.cpus);
        core.passed = !out.allowed.intersects(core.cpus) ? Passed::outside
                      : is_split && !request.allow_split ? Passed::split
                      : boots                            ? Passed::boot
                                                         : Passed::no;
        // The boot core is no slot, so the best class is that of the best core that can be one.
        if (core.is_slot()) best = std::min(best, core.rank);
    }
    std::map<int, int> dense;
    for (SurveyCore& core : out.cores) {
        if (core.is_slot() && !class_is_wanted(core.rank, best, request.core_class))
            core.passed = Passed::other_class;
        if (core.is_slot()) dense.emplace(core.rank, 0);
    }
    int next = 0;
    for (auto& entry : dense) entry.second = next++;
    out.tiers = std::max(1, next);
    for (std::size_t i = 0; i < out.cores.size(); ++i) {
        SurveyCore& core = out.cores[i];
        if (!core.is_slot()) continue;
        core.tier = dense[core.rank];
        out.nodes[static_cast<std::size_t>(core.node)].slots.push_back(static_cast<int>(i));
        out.threads_max = std::max(out.threads_max, core.threads);
    }
}

// R5 with --prefer turbo lives on figures that virtual machines and CPUID do not have.
void warn_of_unknown_speeds(Survey& out) {
    const bool any_unknown = std::any_of(out.cores.begin(), out.cores.end(), [](const SurveyCore& core) {
        return core.is_slot() && core.speed_khz == 0;
    });
    if (any_unknown) {
        out.warnings.push_back(
            "the highest frequency of some cores is not known: --prefer turbo takes them last");
    }
}

// R10: a plan for the only usable core, when nothing else is there to keep house.
void survey_lone_core(const Request& request, Survey& out) {
    int usable = 0;
    int present = 0;
    for (std::size_t i = 0; i < out.cores.size(); ++i) {
        const SurveyCore& core = out.cores[i];
        if (out.universe.intersects(core.cpus)) ++present;
        if (core.passed == Passed::outside || core.passed == Passed::split) continue;
        if (++usable == 1) out.lone_core = static_cast<int>(i);
    }
    if (usable == 0) return;
    const SurveyCore& lone = out.core(*out.lone_core);
    const bool alone = usable == 1 && (present == 1 || lone.passed == Passed::boot);
    const bool wanted = class_is_wanted(lone.rank, lone.rank, request.core_class);
    if (!alone || !wanted) out.lone_core.reset();
}

std::uint64_t speed_khz(const CpuSet& core, const CpuIndex& cpus) {
    std::uint64_t most = 0;
    for (int cpu : core) most = std::max(most, cpus.at(cpu)->max_khz.value_or(0));
    return most;
}

}  // namespace

int class_rank(const Machine& machine, std::optional<TypeId> type) {
    if (machine.types.empty() || !type) return 0;
    for (const CoreType& known : machine.types) {
        if (known.id != *type) continue;
        if (known.core_class == CoreClass::efficiency) return 1;
        return known.core_class == CoreClass::low_power ? 2 : 0;
    }
    return 0;
}

std::vector<Core> online_cores(const Machine& machine) {
    const CpuIndex cpus = index_cpus(machine);
    std::vector<Core> cores;
    CpuSet left;  // online and in no core yet
    for (const auto& [id, cpu] : cpus) {
        if (cpu->online) left.add(id);
    }
    int id_next = 0;
    std::vector<const Core*> by_id;
    for (const Core& core : machine.cores) by_id.push_back(&core);
    std::stable_sort(by_id.begin(), by_id.end(), [](const Core* a, const Core* b) { return a->id < b->id; });
    for (const Core* core : by_id) {
        Core online = *core;
        online.cpus &= left;
        left -= online.cpus;  // a CPU that two cores list stays with the first: no plan may use it twice
        id_next = std::max(id_next, core->id.value + 1);
        if (online.cpus.empty()) continue;
        const Cpu& first = *cpus.at(online.cpus.first());
        if (!online.type) online.type = first.type;
        if (!online.package) online.package = first.package;
        cores.push_back(std::move(online));
    }
    for (const int id : left) {
        const Cpu& cpu = *cpus.at(id);
        Core alone;
        alone.id = CoreId{id_next++};
        alone.package = cpu.package;
        alone.type = cpu.type;
        alone.cpus.add(id);
        cores.push_back(std::move(alone));
    }
    std::sort(cores.begin(), cores.end(),
              [](const Core& a, const Core& b) { return a.cpus.first() < b.cpus.first(); });
    return cores;
}

Result<Survey> survey(const Machine& machine, const Request& request) {
    Survey out;
    const CpuIndex cpus = index_cpus(machine);
    const std::vector<Core> cores = online_cores(machine);
    if (cores.empty()) return fail("the machine has no online CPUs to plan for");
    if (request.cpus && !machine.host.possible.contains(*request.cpus)) {
        CpuSet strange = *request.cpus - machine.host.possible;
        for (const auto& [id, cpu] : cpus) strange.remove(id);
        if (!strange.empty()) {
            return fail(formatted("this machine has no CPU {}", strange.list()), "--cpus",
                        formatted("its CPUs are {}", machine.host.possible.list()), ErrorKind::usage);
        }
    }
    if (request.cpus && request.cpus->empty()) {
        return fail("the list of CPUs to use is empty", "--cpus", "leave the option out to use all",
                    ErrorKind::usage);
    }
    survey_cpus(machine, request, out);

    const LastLevels levels = last_levels(machine);
    for (const LastLevel& level : levels.groups) out.llc_is_known.push_back(!level.is_guess);
    OfflineSiblings offline = place_offline(machine, cores);
    out.unplaced = offline.unplaced;
    for (std::size_t i = 0; i < cores.size(); ++i) {
        SurveyCore core;
        core.id = cores[i].id;
        core.cpus = cores[i].cpus;
        core.usable = core.cpus & out.allowed;
        core.threads = core.usable.count();
        if (request.keep) core.wanted = (core.cpus & *request.keep).count();
        if (request.prefer == Prefer::turbo) core.speed_khz = speed_khz(core.cpus, cpus);
        core.absent = offline.of_core[i];
        core.rank = class_rank(machine, cores[i].type);
        core.llc = levels.of_cpu[static_cast<std::size_t>(core.first())];
        core.package = cores[i].package;
        out.cores.push_back(std::move(core));
    }
    survey_nodes(machine, cpus, out);
    if (auto near = survey_near(machine, request, out); !near) return tl::unexpected(near.error());
    survey_slots(request, out);
    if (request.prefer == Prefer::turbo) warn_of_unknown_speeds(out);
    survey_lone_core(request, out);
    return out;
}

}  // namespace torque::planning
