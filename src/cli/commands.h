// The commands of torque-topo: each does its work and prints its result.
#pragma once

#include "cli/exit_status.h"
#include "cli/options.h"
#include "torque/result.h"

namespace torque {

Result<void> run_show(const ShowOptions& options);
Result<void> run_plan(const PlanOptions& options);
Result<void> run_gather(const GatherOptions& options);
Result<ExitStatus> run_diff(const DiffOptions& options);  // kExitOk: alike; kExitFound: not
Result<ExitStatus> run_lint(const LintOptions& options);  // kExitFound: errors or warnings
Result<void> run_profiles(const ProfilesOptions& options);
Result<void> run_emit(const EmitOptions& options);
Result<ExitStatus> run_check(const CheckOptions& options);  // kExitFound: the machine has drifted
Result<ExitStatus> run_watch(const WatchOptions& options);  // until a signal: kExitOk, kExitInterrupted
Result<ExitStatus> run_apply(const ApplyOptions& options);
Result<ExitStatus> run_revert(const RevertOptions& options);
Result<ExitStatus> run_install(const InstallOptions& options);
Result<ExitStatus> run_commit(const CommitOptions& options);
Result<ExitStatus> run_run(const RunOptions& options);  // returns only where the command cannot be run

Result<void> run_measure(const MeasureOptions& options);
Result<void> run_completion(const CompletionOptions& options);

}  // namespace torque
