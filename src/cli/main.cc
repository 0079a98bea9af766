// torque-topo: reads the command line, runs one command, reports its error.
#include <exception>
#include <new>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/output.h"

namespace {

using namespace torque;

Result<ExitStatus> as_status(const Result<void>& done) {
    if (!done) return tl::unexpected<Error>(done.error());
    return kExitOk;
}

Result<ExitStatus> run(const Command& command) {
    if (const auto* show = std::get_if<ShowOptions>(&command)) return as_status(run_show(*show));
    if (const auto* plan = std::get_if<PlanOptions>(&command)) return as_status(run_plan(*plan));
    if (const auto* gather = std::get_if<GatherOptions>(&command)) return as_status(run_gather(*gather));
    if (const auto* diff = std::get_if<DiffOptions>(&command)) return run_diff(*diff);
    if (const auto* lint = std::get_if<LintOptions>(&command)) return run_lint(*lint);
    if (const auto* profiles = std::get_if<ProfilesOptions>(&command))
        return as_status(run_profiles(*profiles));
    if (const auto* emit = std::get_if<EmitOptions>(&command)) return as_status(run_emit(*emit));
    if (const auto* check = std::get_if<CheckOptions>(&command)) return run_check(*check);
    if (const auto* watch = std::get_if<WatchOptions>(&command)) return run_watch(*watch);
    if (const auto* measure = std::get_if<MeasureOptions>(&command)) return as_status(run_measure(*measure));
    if (const auto* run = std::get_if<RunOptions>(&command)) return run_run(*run);
    if (const auto* completion = std::get_if<CompletionOptions>(&command)) {
        return as_status(run_completion(*completion));
    }
    if (const auto* apply = std::get_if<ApplyOptions>(&command)) return run_apply(*apply);
    if (const auto* revert = std::get_if<RevertOptions>(&command)) return run_revert(*revert);
    if (const auto* install = std::get_if<InstallOptions>(&command)) return run_install(*install);
    if (const auto* commit = std::get_if<CommitOptions>(&command)) return run_commit(*commit);
    return as_status(write_output("-", std::get<Text>(command).text));
}

ExitStatus status_of(const Error& error) {
    switch (error.kind) {
        case ErrorKind::usage:
            return kExitUsage;
        case ErrorKind::infeasible:
            return kExitInfeasible;
        case ErrorKind::failure:
            break;
    }
    return kExitFailure;
}

int report(const Error& error) {
    print_error(error);
    return status_of(error);
}

}  // namespace

int main(int argc, char** argv) {
    keep_standard_descriptors();
    try {
        const Result<Command> command = parse_options(argc, argv);
        if (!command) return report(command.error());
        const Result<ExitStatus> done = run(*command);
        return done ? *done : report(done.error());
    } catch (const std::bad_alloc&) {
        return report({"out of memory"});
    } catch (const std::exception& error) {
        return report({error.what(), "internal", "this is a fault of torque-topo: please report it"});
    }
}
