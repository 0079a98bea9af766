// Measures the caches and TLBs of this machine, and holds what was found against what it claims.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"
#include "measure/claims.h"
#include "measure/working_set.h"
#include "torque/cpu_set.h"
#include "torque/machine.h"
#include "torque/result.h"

namespace torque {

// A cache or TLB of the CPU that was measured.
struct DeclaredLevel {
    int level = 0;
    std::string type;       // "data", "unified", ...
    measure::Claim claim;   // bytes of a cache, pages of a TLB
    double confidence = 0;  // the share of the passes that have the knee; 0 without one
};

struct CpuCaches {
    int cpu = 0;
    CpuSet like;  // CPUs of the same type with caches and TLBs of the same sizes, this one too
    measure::WorkingSets sets;
    std::vector<measure::Knee> cache_knees;  // bytes
    std::vector<measure::Knee> tlb_knees;    // pages of `page_bytes`
    std::vector<DeclaredLevel> caches, tlbs;
    std::size_t line_bytes = 64, page_bytes = 4096;

    const measure::Curves& curves(measure::Order order, PageWish pages) const;
};

struct LiveCaches {
    CpuSet cpus;
    std::vector<CpuCaches> measured;
    measure::Disturbance disturbance;  // the worst of the CPUs
    bool is_guest = false;
    std::string fingerprint;
};

// One CPU of each kind, or each that --cpus names, one after the other. Errors: CPUs that are not allowed,
// and those of measure::measure_working_sets().
Result<LiveCaches> measure_caches_here(const MeasureOptions& options);

}  // namespace torque
