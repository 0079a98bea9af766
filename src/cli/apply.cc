#include "tune/apply.h"

#include "cli/change_report.h"
#include "cli/commands.h"
#include "cli/other_machine.h"
#include "machine/build.h"
#include "sys/host.h"
#include "torque/discover.h"
#include "tune/revert.h"

namespace torque {
namespace {

Result<void> refuse_others(const Layout& layout, const Machine& machine, const std::string& file) {
    if (const auto same = refuse_other_machine(layout, machine, file, "apply"); !same) return same;
    if (const std::string conflict = tune::partition_conflict(layout, machine); !conflict.empty())
        return fail(conflict, {}, "boot without isolation, or plan with a profile that has a boot line");
    return {};
}

// A layout on top of another would leave behind what only the other one had asked for.
Result<void> refuse_on_top(const Journal& journal, const JournalBegin& begin, const std::string& path) {
    for (const JournalEntry& entry : journal.entries) {
        const JournalBegin& other = journal.begins[entry.begin];
        if (entry.undone || other.digest == begin.digest) continue;
        return fail("another layout is applied already", path,
                    "take it back first: torque-topo revert --yes; the same layout may be applied again");
    }
    return {};
}

Result<tune::ChangeRows> act(const std::vector<tune::Change>& changes, Files& files, const std::string& path,
                             const std::string& digest) {
    auto open = open_journal(path);
    if (!open) return tl::unexpected<Error>(open.error());
    const JournalBegin begin{"apply", boot_id(files), digest};
    if (auto done = tune::forget_other_boots(*open, begin.boot_id); !done)
        return tl::unexpected<Error>(done.error());
    if (auto fine = refuse_on_top(open->journal, begin, path); !fine)
        return tl::unexpected<Error>(fine.error());
    Journaled journaled(files, *open->log, open->journal);
    return tune::apply(changes, journaled, begin);
}

}  // namespace

Result<ExitStatus> run_apply(const ApplyOptions& options) {
    const Result<Layout> layout = read_layout(options.layout);
    if (!layout) return tl::unexpected<Error>(layout.error());
    const std::string journal = journal_path(options.root, options.journal);
    if (options.yes) {
        if (auto root = needs_root("apply", options.root); !root) return tl::unexpected<Error>(root.error());
    }
    const Result<Host> host = options.root.empty() ? Result<Host>(live_host()) : open_host(options.root);
    if (!host) return tl::unexpected<Error>(host.error());
    if (host->root == nullptr) return fail("it has no files of a kernel", host->name);
    const Result<Machine> machine = build_machine(*host);
    if (!machine) return tl::unexpected<Error>(machine.error());
    if (const auto same = refuse_others(*layout, *machine, options.layout); !same && !options.force)
        return tl::unexpected<Error>(same.error());
    const auto changes = tune::propose_changes(*layout, *host->root);
    if (!changes) return tl::unexpected<Error>(changes.error());
    auto files = open_files(options.root.empty() ? "/" : options.root);
    if (!files) return tl::unexpected<Error>(files.error());
    const Result<tune::ChangeRows> rows = options.yes
                                              ? act(*changes, **files, journal, tune::changes_digest(*layout))
                                              : Result<tune::ChangeRows>(tune::preview(*changes, **files));
    if (!rows) return tl::unexpected<Error>(rows.error());
    const ChangeReport report{"apply", machine->host.source, journal, options.yes, *rows};
    return report_changes(report, options.json, options.output);
}

}  // namespace torque
