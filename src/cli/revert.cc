#include "tune/revert.h"

#include "cli/change_report.h"
#include "cli/commands.h"
#include "sys/commands.h"
#include "tune/install.h"

namespace torque {
namespace {

Result<tune::ChangeRows> act(const std::string& path, Files& files, const tune::Revert& how) {
    auto open = open_journal(path);
    if (!open) return tl::unexpected<Error>(open.error());
    return tune::revert(*open, files, how);
}

// GRUB's menus that were made anew since install: once more, now that what gave them the line is gone.
void remake_menus(tune::ChangeRows& rows, const std::string& root, Files& files) {
    for (tune::ChangeRow& row : rows) {
        if (row.state != tune::ChangeState::spared || !row.path.ends_with("/grub.cfg")) continue;
        const auto commands = open_commands(root);
        const auto done = tune::remake_menu(row.path, files, *commands);
        row.state = done ? tune::ChangeState::done : tune::ChangeState::failed;
        row.note = done ? "made anew by grub-mkconfig, without the line"
                        : done.error().what + "; run update-grub or grub2-mkconfig, or it keeps the line";
    }
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
    if (options.yes) remake_menus(rows, options.root, **files);
    return report_changes({"revert", options.root.empty() ? "live" : options.root, path, options.yes, rows},
                          options.json, options.output);
}

}  // namespace torque
