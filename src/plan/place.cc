// Workers are seated in stages: first one on every core of the best class, then one on every core of the
// next class (--class any, R3), then a second one on the cores that have another thread (--smt use, R2), and
// so on. Only the last stage that is needed leaves a choice, and there the policy decides (R7, R8).
#include "plan/place.h"

#include <algorithm>
#include <map>

namespace torque::planning {
namespace {

// No machine that Linux runs on has more threads in a core (POWER); bounds the work on an invented one.
constexpr int kThreadsMax = 8;

struct Stage {
    int round = 1;  // the how-manieth worker of a core
    int tier = 0;
};

std::vector<Stage> stages_of(const Survey& survey, SmtPolicy smt) {
    const int rounds = smt == SmtPolicy::use ? std::min(survey.threads_max, kThreadsMax) : 1;
    std::vector<Stage> stages;
    for (int round = 1; round <= rounds; ++round) {
        for (int tier = 0; tier < survey.tiers; ++tier) stages.push_back({round, tier});
    }
    return stages;
}

// A node's slots in the order in which R4 takes them for housekeeping: slowest class first, then lowest.
std::vector<int> floor_order(const Survey& survey, const SurveyNode& node) {
    std::vector<int> order = node.slots;
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return survey.core(a).tier > survey.core(b).tier; });
    return order;
}

// Whole cores of the node that stay in housekeeping whatever the plan.
int cores_kept(const Survey& survey, const SurveyNode& node) {
    return static_cast<int>(std::count_if(node.cores.begin(), node.cores.end(), [&](int core) {
        return survey.core(core).in_universe && !survey.core(core).is_slot();
    }));
}

// How many slots of a node with so many workers go to housekeeping.
int floor_extra(const Survey& survey, const SurveyNode& node, int workers) {
    return std::max(0, floor_cores(workers) - cores_kept(survey, node));
}

// How many workers a core holds when `stage` is complete.
int core_capacity(const SurveyCore& core, const Stage& stage) {
    return std::min(core.threads, core.tier <= stage.tier ? stage.round : stage.round - 1);
}

// The most workers that fit on the node when `stage` is complete. Each core given up to housekeeping carries
// sixteen more workers and takes its own away, so all numbers of cores given up are tried.
int node_capacity(const Survey& survey, const SurveyNode& node, const Stage& stage, bool keep_floor) {
    const std::vector<int> order = floor_order(survey, node);
    int seats = 0;
    for (int core : order) seats += core_capacity(survey.core(core), stage);
    if (!keep_floor) return seats;
    int kept = cores_kept(survey, node);
    int most = kept > 0 ? std::min(seats, 16 * kept) : 0;
    for (int core : order) {
        seats -= core_capacity(survey.core(core), stage);
        most = std::max(most, std::min(seats, 16 * ++kept));
    }
    return most;
}

std::vector<int> capacities(const Survey& survey, const Stage& stage, bool keep_floor) {
    std::vector<int> out(survey.nodes.size(), 0);
    for (int i = 0; i < survey.nodes_eligible; ++i) {
        out[static_cast<std::size_t>(i)] = node_capacity(survey, survey.node(i), stage, keep_floor);
    }
    return out;
}

int sum(const std::vector<int>& values) {
    int total = 0;
    for (int value : values) total += value;
    return total;
}

// R8: nodes are filled one after the other.
void fill_in_order(std::vector<int>& counts, const std::vector<int>& room, int amount) {
    for (std::size_t i = 0; i < counts.size() && amount > 0; ++i) {
        const int taken = std::min(amount, room[i] - counts[i]);
        counts[i] += taken;
        amount -= taken;
    }
}

// How many workers each node gets (R7, R8, R14).
std::vector<int> share_nodes(const Survey& survey, const Request& request, int workers, bool keep_floor) {
    std::vector<int> counts(survey.nodes.size(), 0);
    for (const Stage& stage : stages_of(survey, request.smt)) {
        const std::vector<int> room = capacities(survey, stage, keep_floor);
        if (sum(room) < workers) {
            counts = room;
            continue;
        }
        const int amount = workers - sum(counts);
        if (survey.near != nullptr) {
            fill_in_order(counts, room, amount);
        } else if (request.policy == Policy::spread) {
            water_fill(counts, room, amount);
        } else {
            best_fit(counts, room, amount);
        }
        break;
    }
    return counts;
}

// The cores that one stage may use on a node, by last-level cache, highest cache and highest core first (R5,
// R7).
using CacheCores = std::map<int, std::vector<int>, std::greater<>>;

CacheCores stage_cores(const Survey& survey, const std::vector<int>& usable, const Stage& stage) {
    CacheCores out;
    for (auto core = usable.rbegin(); core != usable.rend(); ++core) {
        const SurveyCore& candidate = survey.core(*core);
        if (candidate.tier == stage.tier && candidate.threads >= stage.round)
            out[candidate.llc].push_back(*core);
    }
    return out;
}

// Seats `workers` on the `usable` cores of one node, ascending.
void seat_node(const Survey& survey, const Request& request, const std::vector<int>& usable, int workers,
               std::vector<Seat>& seats) {
    std::map<int, int> in_cache;  // workers by last-level cache
    for (const Stage& stage : stages_of(survey, request.smt)) {
        if (workers <= 0) break;
        const CacheCores cores = stage_cores(survey, usable, stage);
        std::vector<int> before, room;
        for (const auto& [cache, candidates] : cores) {
            before.push_back(in_cache[cache]);
            room.push_back(in_cache[cache] + static_cast<int>(candidates.size()));
        }
        std::vector<int> counts = before;
        const int amount = std::min(workers, sum(room) - sum(before));
        if (request.policy == Policy::spread) {
            water_fill(counts, room, amount);
        } else {
            best_fit(counts, room, amount);
        }
        std::size_t i = 0;
        for (const auto& [cache, candidates] : cores) {
            for (int k = 0; k < counts[i] - before[i]; ++k) {
                const int core = candidates[static_cast<std::size_t>(k)];
                auto cpu = survey.core(core).cpus.begin();
                for (int skipped = 1; skipped < stage.round; ++skipped) ++cpu;
                seats.push_back({core, *cpu});
            }
            in_cache[cache] = counts[i++];
        }
        workers -= amount;
    }
}

}  // namespace

std::vector<int> node_capacities(const Survey& survey, SmtPolicy smt, bool keep_floor) {
    return capacities(survey, stages_of(survey, smt).back(), keep_floor);
}

int slots_total(const Survey& survey, const Request& request) {
    if (survey.lone_core) return 1;
    return sum(node_capacities(survey, request.smt, !survey.container));
}

Placement place(const Survey& survey, const Request& request, int workers) {
    Placement out;
    out.node_workers.assign(survey.nodes.size(), 0);
    if (survey.lone_core) {
        const SurveyCore& core = survey.core(*survey.lone_core);
        out.seats.push_back({*survey.lone_core, core.cpus.last()});
        out.node_workers[static_cast<std::size_t>(core.node)] = 1;
        out.keeps_floor = false;
        return out;
    }
    out.keeps_floor = !survey.container || workers <= sum(node_capacities(survey, request.smt, true));
    out.node_workers = share_nodes(survey, request, workers, out.keeps_floor);
    for (std::size_t i = 0; i < survey.nodes.size(); ++i) {
        const SurveyNode& node = survey.nodes[i];
        const int count = out.node_workers[i];
        if (count == 0) continue;
        const std::vector<int> order = floor_order(survey, node);
        const int extra = out.keeps_floor ? floor_extra(survey, node, count) : 0;
        out.floor.insert(out.floor.end(), order.begin(), order.begin() + extra);
        std::vector<int> usable(order.begin() + extra, order.end());
        std::sort(usable.begin(), usable.end());
        const std::size_t start = out.seats.size();
        seat_node(survey, request, usable, count, out.seats);
        std::sort(out.seats.begin() + static_cast<std::ptrdiff_t>(start), out.seats.end(),
                  [](const Seat& a, const Seat& b) { return a.cpu < b.cpu; });
    }
    return out;
}

}  // namespace torque::planning
