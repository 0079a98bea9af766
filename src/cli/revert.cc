#include "tune/revert.h"

#include "cli/change_report.h"
#include "cli/commands.h"

namespace torque {
namespace {

Result<tune::ChangeRows> act(const std::string& path, Files& files, const tune::Revert& how) {
    auto open = open_journal(path);
    if (!open) return tl::unexpected<Error>(open.error());
    return tune::revert(*open, files, how);
}

// Adds the rows of one journal.
Result<void> revert_journal(const RevertOptions& options, const std::string& path, Files& files,
                            tune::ChangeRows& all) {
    // Without a lock, for there may be none to revert, and then no journal is to be made.
    const auto journal = read_journal(path);
    if (!journal) return tl::unexpected<Error>(journal.error());
    const tune::Revert how{boot_id(files), options.force};
    const bool acts = options.yes && journal->bytes > 0;
    const Result<tune::ChangeRows> rows =
        acts ? act(path, files, how) : Result<tune::ChangeRows>(tune::preview_revert(*journal, files, how));
    if (!rows) return tl::unexpected<Error>(rows.error());
    all.insert(all.end(), rows->begin(), rows->end());
    return {};
}

}  // namespace

Result<ExitStatus> run_revert(const RevertOptions& options) {
    if (options.yes) {
        if (auto root = needs_root("revert", options.root); !root) return tl::unexpected<Error>(root.error());
    }
    auto files = open_files(options.root.empty() ? "/" : options.root);
    if (!files) return tl::unexpected<Error>(files.error());
    const std::string path = journal_path(options.root, options.journal);
    tune::ChangeRows rows;
    for (const std::string& one : {path, boot_journal_path(options.root, options.journal)}) {
        if (auto done = revert_journal(options, one, **files, rows); !done)
            return tl::unexpected<Error>(done.error());
    }
    return report_changes({"revert", options.root.empty() ? "live" : options.root, path, options.yes, rows},
                          options.json, options.output);
}

}  // namespace torque
