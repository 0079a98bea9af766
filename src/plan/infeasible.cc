#include "plan/infeasible.h"

#include <algorithm>
#include <iterator>

#include "base/format.h"
#include "plan/place.h"
#include "plan/words.h"

namespace torque::planning {
namespace {

// The capacity of each node that was looked at: "node 0: 5, node 1: 7".
std::string node_list(const Survey& survey, const std::vector<int>& room) {
    std::vector<std::pair<int, int>> by_id;
    for (int i = 0; i < survey.nodes_eligible; ++i) {
        if (survey.node(i).id)
            by_id.emplace_back(survey.node(i).id->value, room[static_cast<std::size_t>(i)]);
    }
    std::sort(by_id.begin(), by_id.end());
    std::string out;
    for (const auto& [node, slots] : by_id) {
        out += formatted("{}node {}: {}", out.empty() ? "" : ", ", node, slots);
    }
    return out;
}

struct Change {
    const char* option;
    void (*apply)(Request&);
    bool (*applies)(const Request&);
};

// Ways to ask for less, in the order in which they are offered.
constexpr Change kChanges[] = {
    {"--spill", [](Request& r) { r.spill = true; }, [](const Request& r) { return r.near && !r.spill; }},
    {"--class any", [](Request& r) { r.core_class = ClassChoice::any; },
     [](const Request& r) { return r.core_class != ClassChoice::any; }},
    {"--allow-split", [](Request& r) { r.allow_split = true; },
     [](const Request& r) { return !r.allow_split; }},
    {"--smt use", [](Request& r) { r.smt = SmtPolicy::use; },
     [](const Request& r) { return r.smt != SmtPolicy::use; }},
};

int slots_with(const Machine& machine, const Request& request) {
    const auto tried = survey(machine, request);
    return tried ? slots_total(*tried, request) : 0;
}

// The single changes that make room for `workers`, or the pairs where no single one does.
std::vector<std::string> ways_out(const Machine& machine, const Request& request, int workers) {
    std::vector<std::string> ways;
    for (const Change& change : kChanges) {
        Request changed = request;
        change.apply(changed);
        if (!change.applies(request)) continue;
        const int slots = slots_with(machine, changed);
        if (slots < workers) continue;
        ways.push_back(changed.spill == request.spill ? change.option
                                                      : formatted("{} ({} slots)", change.option, slots));
    }
    if (!ways.empty()) return ways;
    for (const Change& first : kChanges) {
        for (const Change* second = &first + 1; second != std::end(kChanges); ++second) {
            Request changed = request;
            first.apply(changed);
            second->apply(changed);
            if (!first.applies(request) || !second->applies(request)) continue;
            if (slots_with(machine, changed) >= workers)
                ways.push_back(formatted("{} {}", first.option, second->option));
        }
    }
    return ways;
}

std::string either(const std::vector<std::string>& options) {
    std::string out;
    for (std::size_t i = 0; i < options.size(); ++i) {
        if (i > 0) out += i + 1 == options.size() ? " or " : ", ";
        out += options[i];
    }
    return out;
}

}  // namespace

Error too_many_workers(const Machine& machine, const Request& request, const Survey& survey) {
    const int workers = request.workers.value_or(1);
    const std::vector<int> room = node_capacities(survey, request.smt, !survey.container);
    const int slots = slots_total(survey, request);
    const std::string nodes = node_list(survey, room);
    const auto split = std::count_if(survey.cores.begin(), survey.cores.end(),
                                     [](const SurveyCore& core) { return core.passed == Passed::split; });
    Error error;
    error.kind = ErrorKind::infeasible;
    error.what = request.workers ? counted(workers, "worker") + ", " : "";
    error.what += counted(slots, "slot");
    if (survey.near != nullptr && !request.spill) error.what += " near " + *request.near;
    if (!nodes.empty() && !survey.lone_core) error.what += " (" + nodes + ")";
    if (split > 0)
        error.what += formatted("; {} split: only some of the threads are allowed",
                                counted(static_cast<int>(split), "core"));

    std::vector<std::string> options;
    if (slots > 0) options.push_back(formatted("--workers {}", slots));
    std::vector<std::string> ways = ways_out(machine, request, workers);
    if (ways.empty() && slots > 0) ways.push_back("--oversubscribe");
    std::move(ways.begin(), ways.end(), std::back_inserter(options));
    error.hint =
        options.empty()
            ? "the boot CPU's core and one core of each node that hosts workers are kept for housekeeping"
            : "use " + either(options);
    return error;
}

Error quota_too_small(int workers, double quota) {
    Error error;
    error.kind = ErrorKind::infeasible;
    const int whole = static_cast<int>(quota);
    error.what = formatted("{}, but the cgroup's quota of {:.4g} CPUs carries {}", counted(workers, "worker"),
                           quota, whole);
    error.hint = whole > 0 ? formatted("use --workers {}, or raise cpu.max", whole) : "raise cpu.max";
    return error;
}

}  // namespace torque::planning
