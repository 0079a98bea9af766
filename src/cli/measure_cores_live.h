// Measures latencies between CPUs of this machine, and holds what was found against what it claims.
#pragma once

#include <string>
#include <vector>

#include "cli/options.h"
#include "measure/levels.h"
#include "measure/round_trip.h"

namespace torque {

// What the kernel says of the CPUs that were measured.
struct DeclaredGroups {
    std::string what;  // "core", "llc", "package"
    std::vector<CpuSet> groups;
    bool is_found = false;  // one of the measured levels has these groups
};

struct LiveCores {
    CpuSet cpus;
    measure::CoreTimes times;
    measure::Structure structure;
    std::vector<DeclaredGroups>
        declared;  // without those that are all in one or all apart: nothing shows there
    std::string fingerprint;
};

// Errors: CPUs that are not allowed, fewer than two, and those of measure::measure_cores().
Result<LiveCores> measure_cores_here(const MeasureOptions& options);

}  // namespace torque
