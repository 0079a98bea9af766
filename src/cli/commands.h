// The commands of torque-topo: each reads its options, does its work and gives what to print.
#pragma once

#include "cli/options.h"
#include "torque/result.h"

namespace torque {

Result<void> run_show(const ShowOptions& options);
Result<void> run_plan(const PlanOptions& options);

}  // namespace torque
