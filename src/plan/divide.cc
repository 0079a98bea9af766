#include "plan/divide.h"

#include <algorithm>
#include <set>

namespace torque::planning {
namespace {

// Cores that --isolate rest may take: any that is wholly allowed, of whatever class, but the boot core.
bool may_isolate(const SurveyCore& core) {
    return core.is_slot() || core.passed == Passed::other_class;
}

// What is isolated of a node beside the workers' cores, of the cores that are `wanted`: all but the floor,
// which a node without workers keeps too, since its own kernel threads need somewhere to run.
void isolate_unused(const Survey& survey, const SurveyNode& node, int workers, const std::vector<bool>& busy,
                    const std::vector<bool>& wanted, Division& out) {
    std::vector<int> candidates;
    int kept = 0;
    for (int core : node.cores) {
        const SurveyCore& candidate = survey.core(core);
        if (busy[static_cast<std::size_t>(core)]) continue;
        if (wanted[static_cast<std::size_t>(core)] && may_isolate(candidate)) {
            candidates.push_back(core);
        } else if (candidate.in_universe) {
            ++kept;
        }
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [&](int a, int b) { return survey.core(a).rank > survey.core(b).rank; });
    const int extra = std::clamp(floor_cores(workers) - kept, 0, static_cast<int>(candidates.size()));
    for (auto core = candidates.begin() + extra; core != candidates.end(); ++core) {
        out.isolated |= survey.core(*core).cpus;
        out.absent |= survey.core(*core).absent;
    }
}

// The cores that the request has isolated though no worker needs them (R6).
std::vector<bool> unused_wanted(const Survey& survey, const Request& request, const Placement& placement) {
    std::vector<bool> wanted(survey.cores.size(), request.isolate == Isolate::rest);
    if (!request.quiet_llc) return wanted;
    std::set<int> caches;
    for (const Seat& seat : placement.seats) caches.insert(survey.core(seat.core).llc);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (caches.count(survey.cores[i].llc) != 0) wanted[i] = true;
    }
    return wanted;
}

}  // namespace

Division divide(const Survey& survey, const Request& request, const Placement& placement) {
    Division out;
    out.housekeeping = survey.universe;
    if (survey.lone_core) return out;

    std::vector<bool> busy(survey.cores.size(), false);
    CpuSet working;
    for (const Seat& seat : placement.seats) {
        working.add(seat.cpu);
        if (busy[static_cast<std::size_t>(seat.core)]) continue;
        busy[static_cast<std::size_t>(seat.core)] = true;
        const SurveyCore& core = survey.core(seat.core);
        out.idle |= core.cpus;
        if (request.smt != SmtPolicy::housekeeping) {
            out.isolated |= core.cpus;
            out.absent |= core.absent;
        }
    }
    out.isolated |= working;
    out.idle -= working;
    if (request.isolate == Isolate::rest || request.quiet_llc) {
        const std::vector<bool> wanted = unused_wanted(survey, request, placement);
        for (std::size_t i = 0; i < survey.nodes.size(); ++i) {
            isolate_unused(survey, survey.nodes[i], placement.node_workers[i], busy, wanted, out);
        }
    }
    // A container cannot isolate what it does not have: threads of split cores, offline ones.
    out.absent &= survey.universe;
    out.idle &= survey.universe;
    out.isolated = (out.isolated & survey.universe) | out.absent;
    out.housekeeping -= out.isolated;
    return out;
}

}  // namespace torque::planning
