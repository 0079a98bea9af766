// Workers are seated in stages: first one on every core of the best class, then one on every core of the
// next class (--class any, R3), then a second one on the cores that have another thread (--smt use, R2), and
// so on. Only the last stage that is needed leaves a choice, and there the policy decides (R7, R8).
#include "plan/place.h"

#include <algorithm>
#include <map>
#include <tuple>

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

// A node's slots in the order in which R4 takes them for housekeeping: slowest class first, then lowest;
// those that --keep has workers on after their like (R17).
std::vector<int> floor_order(const Survey& survey, const SurveyNode& node) {
    std::vector<int> order = node.slots;
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        const SurveyCore& x = survey.core(a);
        const SurveyCore& y = survey.core(b);
        return std::tie(y.tier, x.wanted) < std::tie(x.tier, y.wanted);
    });
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

int wanted_on(const Survey& survey, const std::vector<int>& cores) {
    int wanted = 0;
    for (int core : cores) wanted += survey.core(core).wanted;
    return wanted;
}

// How many workers each node gets (R7, R8, R14).
std::vector<int> share_nodes(const Survey& survey, const Request& request, int workers, bool keep_floor) {
    std::vector<int> counts(survey.nodes.size(), 0);
    std::vector<int> wants;
    for (const SurveyNode& node : survey.nodes) wants.push_back(wanted_on(survey, node.slots));
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
            water_fill(counts, room, wants, amount);
        } else {
            best_fit(counts, room, wants, amount);
        }
        break;
    }
    return counts;
}

// The cores below one last-level cache that a stage may use, in the order in which they are taken.
struct CacheCores {
    int cache = 0;
    std::vector<int> cores;
};

// On one node, highest cache and highest core first (R5, R7); with --prefer turbo fastest first. Cores that
// --keep has workers on come before their like (R17).
std::vector<CacheCores> stage_cores(const Survey& survey, const std::vector<int>& usable,
                                    const Stage& stage) {
    std::map<int, std::vector<int>, std::greater<>> by_cache;
    for (auto core = usable.rbegin(); core != usable.rend(); ++core) {
        const SurveyCore& candidate = survey.core(*core);
        if (candidate.tier == stage.tier && candidate.threads >= stage.round)
            by_cache[candidate.llc].push_back(*core);
    }
    std::vector<CacheCores> out;
    for (auto& [cache, cores] : by_cache) {
        std::stable_sort(cores.begin(), cores.end(), [&](int a, int b) {
            const SurveyCore& x = survey.core(a);
            const SurveyCore& y = survey.core(b);
            const bool x_is_new = x.wanted < stage.round;
            const bool y_is_new = y.wanted < stage.round;
            return std::tie(y.speed_khz, x_is_new) < std::tie(x.speed_khz, y_is_new);
        });
        out.push_back({cache, std::move(cores)});
    }
    std::stable_sort(out.begin(), out.end(), [&](const CacheCores& a, const CacheCores& b) {
        return survey.core(a.cores.front()).speed_khz > survey.core(b.cores.front()).speed_khz;
    });
    return out;
}

// Seats `workers` on the `usable` cores of one node, ascending.
void seat_node(const Survey& survey, const Request& request, const std::vector<int>& usable, int workers,
               std::vector<Seat>& seats) {
    std::map<int, int> in_cache;  // workers by last-level cache
    for (const Stage& stage : stages_of(survey, request.smt)) {
        if (workers <= 0) break;
        const std::vector<CacheCores> caches = stage_cores(survey, usable, stage);
        std::vector<int> before, room, wants;
        int free = 0;
        for (const auto& [cache, cores] : caches) {
            before.push_back(in_cache[cache]);
            room.push_back(in_cache[cache] + static_cast<int>(cores.size()));
            wants.push_back(wanted_on(survey, cores));
            free += static_cast<int>(cores.size());
        }
        std::vector<int> counts = before;
        const int amount = std::min(workers, free);
        if (request.policy == Policy::spread) {
            water_fill(counts, room, wants, amount);
        } else {
            best_fit(counts, room, wants, amount);
        }
        for (std::size_t i = 0; i < caches.size(); ++i) {
            for (int k = 0; k < counts[i] - before[i]; ++k) {
                const int core = caches[i].cores[static_cast<std::size_t>(k)];
                auto cpu = survey.core(core).usable.begin();
                for (int skipped = 1; skipped < stage.round; ++skipped) ++cpu;
                seats.push_back({core, *cpu});
            }
            in_cache[caches[i].cache] = counts[i];
        }
        workers -= amount;
    }
}

// R15: worker i sits with worker i modulo the number of slots.
void oversubscribe(std::vector<Seat>& seats, std::size_t workers) {
    const std::size_t slots = seats.size();
    for (std::size_t i = slots; i < workers; ++i) seats.push_back(seats[i % slots]);
    for (std::size_t i = 0; i < workers; ++i) seats[i].is_shared = i + slots < workers || i >= slots;
}

Placement seat_all(const Survey& survey, const Request& request, int workers) {
    Placement out;
    out.node_workers.assign(survey.nodes.size(), 0);
    if (survey.lone_core) {
        const SurveyCore& core = survey.core(*survey.lone_core);
        out.seats.push_back({*survey.lone_core, core.usable.last()});
        out.node_workers[static_cast<std::size_t>(core.node)] = 1;
        out.keeps_floor = false;
        return out;
    }
    out.keeps_floor =
        !survey.container || workers <= sum(capacities(survey, stages_of(survey, request.smt).back(), true));
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

}  // namespace

std::vector<int> node_capacities(const Survey& survey, SmtPolicy smt, bool keep_floor) {
    return capacities(survey, stages_of(survey, smt).back(), keep_floor);
}

int slots_total(const Survey& survey, const Request& request) {
    if (survey.lone_core) return 1;
    return sum(node_capacities(survey, request.smt, !survey.container));
}

Placement place(const Survey& survey, const Request& request, int workers) {
    Placement out = seat_all(survey, request, std::min(workers, slots_total(survey, request)));
    oversubscribe(out.seats, static_cast<std::size_t>(workers));
    return out;
}

}  // namespace torque::planning
