#include <algorithm>
#include <iterator>

#include "base/format.h"
#include "plan/boot_line.h"
#include "plan/divide.h"
#include "plan/explain.h"
#include "plan/infeasible.h"
#include "plan/last_level.h"
#include "plan/memory.h"
#include "plan/place.h"
#include "plan/steer.h"
#include "plan/survey.h"
#include "plan/words.h"
#include "torque/planner.h"

namespace torque {
namespace {

using namespace planning;

// How many workers: what was asked for, or all that fit (R9), within the cgroup's CPU time (R11).
Result<int> count_workers(const Machine& machine, const Request& request, Survey& survey) {
    if (request.workers && *request.workers < 1) {
        return fail(formatted("{} workers make no plan", *request.workers), "--workers",
                    "ask for one or more, or auto", ErrorKind::usage);
    }
    const int slots = slots_total(survey, request);
    const bool shares = request.oversubscribe && slots > 0;
    if (slots < request.workers.value_or(1) && !shares)
        return tl::unexpected(too_many_workers(machine, request, survey));
    const auto& quota = machine.host.cpu_quota;
    if (request.workers) {
        if (quota && *quota < *request.workers)
            return tl::unexpected(quota_too_small(*request.workers, *quota));
        return *request.workers;
    }
    if (!quota || *quota >= slots) return slots;
    if (!(*quota >= 1)) {
        survey.warnings.push_back(
            formatted("the cgroup's quota of {:.4g} CPUs will throttle even one worker", *quota));
        return 1;
    }
    survey.warnings.push_back(formatted(
        "the cgroup's quota of {:.4g} CPUs carries fewer workers than the {} slots", *quota, slots));
    return static_cast<int>(*quota);
}

std::vector<Worker> describe_workers(const Machine& machine, const Survey& survey, const Placement& placement,
                                     std::vector<BufferChoice>& buffers) {
    std::vector<CpuSet> core_cpus;
    std::vector<int> core_workers(survey.cores.size(), 0);
    for (const SurveyCore& core : survey.cores) core_cpus.push_back(core.cpus);
    for (const Seat& seat : placement.seats) ++core_workers[static_cast<std::size_t>(seat.core)];
    const BufferSpaces spaces(machine, core_cpus);
    std::vector<std::vector<NodeId>> memory;
    for (const SurveyNode& node : survey.nodes) memory.push_back(memory_nodes(machine, node.id));

    std::vector<Worker> workers;
    for (const Seat& seat : placement.seats) {
        const SurveyCore& core = survey.core(seat.core);
        Worker worker;
        worker.id = static_cast<int>(workers.size());
        worker.cpu = CpuId{seat.cpu};
        worker.core = core.id;
        worker.is_shared = seat.is_shared;
        worker.siblings = core.cpus;
        worker.siblings.remove(seat.cpu);
        worker.package = core.package;
        worker.node = survey.node(core.node).id;
        if (survey.llc_is_known[static_cast<std::size_t>(core.llc)]) worker.llc = core.llc;
        worker.memory_nodes = memory[static_cast<std::size_t>(core.node)];
        if (queues_suffice(survey, placement.seats.size())) worker.queue = worker.id;
        buffers.push_back(
            receive_buffers(spaces.of(seat.cpu, core_workers[static_cast<std::size_t>(seat.core)])));
        worker.buffers = buffers.back().buffers;
        workers.push_back(std::move(worker));
    }
    return workers;
}

// What works without a reboot. In a container these files are the host's.
std::vector<RuntimeKnob> runtime_knobs(const Profile& profile, const Request& request, const Survey& survey,
                                       const Division& division) {
    std::vector<RuntimeKnob> knobs;
    if (division.isolated.empty() || survey.container) return knobs;
    for (const RuntimeKnob& knob : profile.runtime) {
        knobs.push_back({knob.path, fill_in(knob.value, fillings(division)), knob.why});
    }
    if (request.smt == SmtPolicy::offline) {
        for (int cpu : division.idle) {
            knobs.push_back({formatted("/sys/devices/system/cpu/cpu{}/online", cpu), "0",
                             "takes a second thread of a worker's core offline"});
        }
    }
    return knobs;
}

// R10: a user who cannot do without isolation wants no plan that has none.
Result<void> check_isolation(const Request& request, const Survey& survey, const Division& division) {
    if (!request.require_isolation || !division.isolated.empty()) return {};
    const std::string core =
        survey.lone_core ? cpus_text(survey.core(*survey.lone_core).cpus) : std::string("they");
    return fail(formatted("nothing can be isolated: the only usable core, {}, keeps house as well", core),
                "--require-isolation", "leave the option out, or allow more CPUs", ErrorKind::infeasible);
}

LayoutMachine identify(const Machine& machine, const CpuSet& possible) {
    LayoutMachine out;
    out.fingerprint = machine.fingerprint;
    out.model = machine.host.model;
    if (!out.model && !machine.types.empty()) out.model = machine.types.front().brand;
    out.possible_cpus = possible;
    return out;
}

}  // namespace

Result<Layout> plan(const Machine& machine, const Profile& profile, const Request& request) {
    // What is there, and which cores may host a worker (R1, R2, R3, R8, R13).
    auto surveyed = survey(machine, request);
    if (!surveyed) return tl::unexpected(surveyed.error());

    // How many workers there are to be (R9, R11, R15).
    const auto workers = count_workers(machine, request, *surveyed);
    if (!workers) return tl::unexpected(workers.error());

    // Who sits where (R4, R5, R7, R10, R14).
    const Placement placement = place(*surveyed, request, *workers);

    // What is isolated for them, and what keeps house (R2, R6, R11).
    const Division division = divide(*surveyed, request, placement);
    if (auto done = check_isolation(request, *surveyed, division); !done) return tl::unexpected(done.error());

    // The kernel parameters that bring it about (R16, R18).
    CpuSet possible = machine.host.possible;
    for (const Cpu& cpu : machine.cpus) possible.add(cpu.id);
    BootLine boot;
    if (!division.isolated.empty() && !surveyed->container) {
        auto line = boot_line(profile, division, possible);
        if (!line) return tl::unexpected(line.error());
        boot = std::move(*line);
    }

    Layout layout;
    layout.machine = identify(machine, possible);
    layout.request = request;
    layout.profile = profile.name;
    std::vector<BufferChoice> buffers;
    layout.workers = describe_workers(machine, *surveyed, placement, buffers);
    layout.isolated = division.isolated;
    layout.housekeeping = division.housekeeping;
    layout.boot = boot.boot;
    layout.runtime = runtime_knobs(profile, request, *surveyed, division);

    // What the near device's queues and interrupts do (R19).
    Steering steering = steer_queues(machine, request, *surveyed, division, layout.workers);
    std::move(steering.knobs.begin(), steering.knobs.end(), std::back_inserter(layout.runtime));

    // And why.
    const Outcome outcome{machine,  request, *surveyed,      placement,
                          division, boot,    layout.workers, slots_total(*surveyed, request),
                          steering, buffers};
    layout.leftovers = leftovers(outcome);
    layout.warnings = warnings(outcome);
    layout.decisions = decisions(outcome);
    layout.groups = machine.groups.empty() ? scheduling_groups(machine) : machine.groups;
    return layout;
}

}  // namespace torque
