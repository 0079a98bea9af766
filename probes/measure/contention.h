// Which CPUs share the execution units of one core: from how fast each works alone and beside others.
#pragma once

#include <chrono>
#include <functional>
#include <utility>
#include <vector>

#include "measure/disturbance.h"
#include "measure/summary.h"
#include "sys/dir.h"
#include "torque/cpu_set.h"
#include "torque/result.h"

namespace torque::measure {

enum class Sharing { apart, shared, unsure };
enum class Certainty { sure, likely, none };

// How fast two CPUs work beside each other.
struct PairSpeed {
    int a = 0, b = 0;   // CPUs, a < b
    double speed = 0;   // of both, the mean; 1: as fast as alone
    double spread = 0;  // between the quartiles
    int samples = 0;    // pieces of work that were timed
    Sharing sharing = Sharing::unsure;
    Certainty certainty = Certainty::none;
};

struct AloneTime {
    int cpu = 0;
    Summary piece_ns;  // of one piece of work, while nothing else of ours ran
};

struct Contention {
    std::vector<AloneTime> alone;  // of the CPUs that are in a pair, ascending
    std::vector<PairSpeed> pairs;  // that were tried, by a and then b
    bool is_every_pair = true;     // else only those that trying sets of CPUs left over
    int untried = 0;               // left over as well, when the time was up

    std::vector<CpuSet> cores() const;  // CPUs that are connected by pairs that share; by their first CPU
};

// Works on all of these CPUs at once for `share` of time; for each in order the time of a piece of work, in
// ns.
using WorkTogether =
    std::function<Result<std::vector<Summary>>(const CpuSet& cpus, std::chrono::nanoseconds share)>;

// Multiplies, with a thread bound to each CPU: a piece is 20 µs long at 3 GHz. `root` holds proc/. What the
// threads waited goes to the watch. `clock_ns`, what two looks at the clock cost, is subtracted.
WorkTogether multiply_together(const Dir& root, DisturbanceWatch& watch, double clock_ns);

// How much of it is done, 0 to 1.
using ContentionProgress = std::function<void(double share)>;

// Each CPU alone, and every two CPUs at once while all others rest, where the budget has 10 ms for each of
// these; nothing takes longer than 100 ms.
// Else sets of a quarter of the CPUs, drawn by lot: of two that work at once while one of them is as fast as
// ever, it is known that they do not share. The pairs that are left over when that says nothing new, or half
// the budget is gone, and those of `declared` are tried one by one, as long as the budget lasts. Pairs at
// once that have no CPU in common would not do: the thread beside a CPU may be in another pair.
Result<Contention> measure_contention(const CpuSet& cpus, const std::vector<std::pair<int, int>>& declared,
                                      std::chrono::nanoseconds budget, const WorkTogether& work,
                                      const ContentionProgress& progress);

// Threads of a core have 50 to 65 % of its speed each, as the work has no gaps that the other could fill.
// Two cores keep all of it but for some per cent of turbo. Below 80 % is shared: sure if that is three
// spreads away, likely if it is one, and unsure if not.
void judge(PairSpeed& pair);

}  // namespace torque::measure
