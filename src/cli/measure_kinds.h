// The kinds of measurement, one row and one file each: measure_cores.cc and its neighbours.
#pragma once

#include <cstdint>
#include <span>

#include "cli/measure_report.h"
#include "cli/options.h"
#include "torque/result.h"

namespace torque {

struct MeasureKind {
    const char* name;  // "cores"
    const char* about;
    std::int64_t budget_ms;  // unless --budget says otherwise
    const char* takes;       // options beside --json and --output, parted by spaces: "--cpus --budget"
    Result<MeasureReport> (*measure)(const MeasureOptions&);
};

std::span<const MeasureKind> measure_kinds();

// Null when there is no such kind.
const MeasureKind* measure_kind(std::string_view name);

Result<MeasureReport> measure_cores(const MeasureOptions& options);
Result<MeasureReport> measure_jitter(const MeasureOptions& options);
Result<MeasureReport> measure_smt(const MeasureOptions& options);
Result<MeasureReport> measure_cache(const MeasureOptions& options);
Result<MeasureReport> measure_memory(const MeasureOptions& options);

}  // namespace torque
