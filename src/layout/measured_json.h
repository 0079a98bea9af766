// Reads what torque-topo measure --json wrote: torque.measure/1 documents.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "torque/cpu_set.h"
#include "torque/measured.h"
#include "torque/result.h"

namespace torque {

// The words of torque.measure/1 for what is counted in probes/measure, in that order.
inline constexpr std::string_view kLevelWords[] = {"core", "llc", "package"};       // LevelKind
inline constexpr std::string_view kSharingWords[] = {"apart", "shared", "unsure"};  // Sharing

// Of one CPU. Medians of the slices of a run and the ranges between their quartiles; see
// torque-topo-measure(1).
struct MeasuredJitterOfCpu {
    int cpu = 0;
    double gaps_per_s = 0, gaps_per_s_spread = 0;
    double stolen_share = 0, stolen_share_spread = 0;  // of the time
    double longest_ns = 0;
};

struct MeasuredJitter {
    bool is_reliable = true;
    double threshold_ns = 0;
    std::vector<MeasuredJitterOfCpu> cpus;   // ascending
    std::optional<std::string> fingerprint;  // of the machine; absent in older results
};

// Of "measure jitter". `name` is the file's in errors, which give the place as a JSON pointer. Errors: not
// JSON, another kind of document, values that are missing or no measurement can have, a CPU twice.
Result<MeasuredJitter> parse_measured_jitter(std::string_view text, const std::string& name);

// Of "measure cores", "smt", "cache" or "memory", added to what is known. Errors: as above; a kind that is
// known already; groups that overlap, CPUs that were not measured, knees, CPUs or nodes that do not ascend.
Result<void> add_measured(std::string_view text, const std::string& name, Measured& measured);

}  // namespace torque
