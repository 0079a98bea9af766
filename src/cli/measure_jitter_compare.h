// measure jitter --before --after: what became of the noise between two measurements.
#pragma once

#include "cli/measure_report.h"
#include "cli/options.h"
#include "torque/result.h"

namespace torque {

// Errors: a file cannot be read or is no result of measure jitter; the two have no CPU in common.
Result<MeasureReport> compare_jitter(const MeasureOptions& options);

}  // namespace torque
