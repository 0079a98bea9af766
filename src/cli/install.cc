#include "tune/install.h"

#include <algorithm>

#include "base/format.h"
#include "base/parse.h"
#include "cli/change_report.h"
#include "cli/commands.h"
#include "cli/install_report.h"
#include "cli/other_machine.h"
#include "emit/formats.h"
#include "emit/text.h"
#include "machine/build.h"
#include "sys/host.h"
#include "torque/discover.h"
#include "torque/json.h"
#include "tune/boot_files.h"
#include "tune/check.h"
#include "tune/lint.h"
#include "tune/lint_target.h"

namespace torque {
namespace {

using tune::Loader;

// What install and commit work on.
struct Place {
    Host host;
    Machine machine;
    std::unique_ptr<Files> files;
    std::unique_ptr<Commands> commands;
    std::string journal;
};

Result<Place> open_place(const std::string& root, const std::string& journal) {
    Place place;
    auto host = root.empty() ? Result<Host>(live_host()) : open_host(root);
    if (!host) return tl::unexpected<Error>(host.error());
    place.host = std::move(*host);
    if (place.host.root == nullptr) return fail("it has no files of a kernel", place.host.name);
    auto machine = build_machine(place.host);
    if (!machine) return tl::unexpected<Error>(machine.error());
    place.machine = std::move(*machine);
    auto files = open_files(root.empty() ? "/" : root);
    if (!files) return tl::unexpected<Error>(files.error());
    place.files = std::move(*files);
    place.commands = open_commands(root);
    place.journal = boot_journal_path(root, journal);
    return place;
}

struct Wanted {
    std::string line, grub_drop_in;
};

// The layout's line, which has to be one that this kernel takes.
Result<Wanted> wanted_line(const Layout& layout, const Machine& machine, const std::string& file) {
    if (!layout.boot.cmdline)
        return fail("the layout has no boot line", file,
                    "torque-topo apply puts in force what it has; plan --profile full has a line");
    const auto words = emit::boot_words(layout);
    if (!words) return tl::unexpected<Error>(words.error());
    const auto format = emit::find_format("grub");
    if (!format) return tl::unexpected<Error>(format.error());
    auto drop_in = emit::write_format(**format, layout);
    if (!drop_in) return tl::unexpected<Error>(drop_in.error());
    Wanted wanted{emit::joined_texts(*words), std::move(*drop_in)};
    for (const tune::LintFinding& one : tune::lint(wanted.line, tune::lint_target(machine)).findings) {
        if (one.severity == tune::LintSeverity::error)
            return fail(
                formatted("the kernel does not take the layout's line: {}: {}", one.parameter, one.message),
                file, "torque-topo lint tells more; torque-topo plan makes one that it takes");
    }
    return wanted;
}

// Errors: none, or several, with what tells of each.
Result<Loader> choose_loader(LoaderChoice given, const Place& place) {
    if (given == LoaderChoice::grub) return Loader::grub;
    if (given == LoaderChoice::bls) return Loader::bls;
    if (given == LoaderChoice::systemd_boot) return Loader::systemd_boot;
    const auto found = tune::find_loaders(*place.files, *place.host.root);
    if (found.size() == 1) return found.front().loader;
    std::string text;
    for (const tune::FoundLoader& one : found)
        text += formatted("{}{} ({})", text.empty() ? "" : ", ", tune::loader_word(one.loader), one.file);
    if (found.empty())
        return fail("there is no boot loader that install knows: no menu of GRUB, and no systemd-boot", {},
                    "torque-topo emit writes the line in the words of others");
    return fail("several boot loaders have left their files here: " + text, {},
                "say which one boots this machine: --to");
}

Result<void> refuse_second(const Journal& journal, const std::string& path) {
    if (!tune::find_trial(journal)) return {};
    return fail("a trial is not over yet", path,
                "keep it: torque-topo commit; or end it: torque-topo revert --yes");
}

Result<ExitStatus> act(const tune::InstallPlan& plan, const tune::InstallSubject& subject, Place& place,
                       InstallReport& report, const std::string& what, bool json, const std::string& output) {
    report.loader = tune::loader_word(plan.loader);
    report.entry = plan.title;
    report.machine = place.machine.host.source;
    report.journal = place.journal;
    report.commands = plan.generator;
    report.rows = tune::preview_install(plan);
    if (report.acted) {
        auto open = open_journal(place.journal);
        if (!open) return tl::unexpected<Error>(open.error());
        // Looked at again, now that nobody else can write it.
        if (what != "commit") {
            if (auto fine = refuse_second(open->journal, place.journal); !fine)
                return tl::unexpected<Error>(fine.error());
        }
        auto rows = tune::install(plan, subject, *open, *place.files, what, boot_id(*place.files));
        if (!rows) return tl::unexpected<Error>(rows.error());
        report.rows = std::move(*rows);
    }
    return report_install(report, json, output);
}

// What of check is about the boot alone.
Result<void> refuse_drift(const Layout& layout, const Place& place) {
    constexpr std::string_view kOfBoot[] = {"machine",  "boot-line", "refused",
                                            "isolated", "nohz-full", "rcu-nocbs"};
    const tune::CheckReport report = tune::check({layout, place.machine, place.host});
    for (const tune::CheckRow& row : report.rows) {
        if (row.status == tune::CheckStatus::ok ||
            std::find(std::begin(kOfBoot), std::end(kOfBoot), row.id) == std::end(kOfBoot))
            continue;
        const bool is_drift = row.status == tune::CheckStatus::drift;
        return fail(is_drift ? formatted("the trial is not as it should be: {}: expected {}, found {}",
                                         row.id, row.expected, row.found)
                             : formatted("{} could not be checked: {}", row.id, row.why),
                    row.source,
                    is_drift ? "torque-topo check tells more; without commit the next boot has the old line"
                             : "root may");
    }
    return {};
}

}  // namespace

Result<ExitStatus> run_install(const InstallOptions& options) {
    const Result<Layout> layout = read_layout(options.layout);
    if (!layout) return tl::unexpected<Error>(layout.error());
    if (options.yes) {
        if (auto root = needs_root("install", options.root); !root)
            return tl::unexpected<Error>(root.error());
    }
    auto place = open_place(options.root, options.journal);
    if (!place) return tl::unexpected<Error>(place.error());
    if (const auto same = refuse_other_machine(*layout, place->machine, options.layout, "install");
        !same && !options.force)
        return tl::unexpected<Error>(same.error());
    const std::string file = options.layout == "-" ? "standard input" : options.layout;
    const auto wanted = wanted_line(*layout, place->machine, file);
    if (!wanted) return tl::unexpected<Error>(wanted.error());
    const auto loader = choose_loader(options.to, *place);
    if (!loader) return tl::unexpected<Error>(loader.error());
    const auto journal = read_journal(place->journal);
    if (!journal) return tl::unexpected<Error>(journal.error());
    if (auto fine = refuse_second(*journal, place->journal); !fine)
        return tl::unexpected<Error>(fine.error());
    const tune::InstallSubject subject{
        *layout,       wanted->line,      wanted->grub_drop_in, layout_json(*layout),
        *place->files, *place->host.root, *place->commands,     options.trial};
    const auto plan = tune::propose_install(subject, *loader);
    if (!plan) return tl::unexpected<Error>(plan.error());
    InstallReport report;
    report.command = "install";
    report.is_trial = options.trial;
    report.acted = options.yes;
    const std::string what =
        options.trial ? tune::trial_words(*loader) : formatted("install --to {}", tune::loader_word(*loader));
    return act(*plan, subject, *place, report, what, options.json, options.output);
}

Result<ExitStatus> run_commit(const CommitOptions& options) {
    if (auto root = needs_root("commit", options.root); options.yes && !root)
        return tl::unexpected<Error>(root.error());
    auto place = open_place(options.root, options.journal);
    if (!place) return tl::unexpected<Error>(place.error());
    const auto journal = read_journal(place->journal);
    if (!journal) return tl::unexpected<Error>(journal.error());
    const auto trial = tune::find_trial(*journal);
    if (!trial)
        return fail("there is no trial to keep", place->journal, "torque-topo install --trial begins one");
    const std::string kept = place->files->read(std::string(tune::kTrialLayout)).bytes;
    const auto layout = parse_layout(kept, std::string(tune::kTrialLayout));
    if (!layout) return tl::unexpected<Error>(layout.error());
    const auto wanted = wanted_line(*layout, place->machine, std::string(tune::kTrialLayout));
    if (!wanted) return tl::unexpected<Error>(wanted.error());
    const std::string other = tune::not_booted_with(wanted->line, place->machine.host.cmdline.value_or(""));
    if (!other.empty())
        return fail(other, "/proc/cmdline",
                    "boot the trial first; where it was booted and is gone again: torque-topo revert --yes");
    if (auto fine = refuse_drift(*layout, *place); !fine) return tl::unexpected<Error>(fine.error());
    const tune::InstallSubject subject{*layout,       wanted->line,      wanted->grub_drop_in, kept,
                                       *place->files, *place->host.root, *place->commands,     false};
    const auto plan = tune::propose_commit(subject, *journal, *trial);
    if (!plan) return tl::unexpected<Error>(plan.error());
    InstallReport report;
    report.command = "commit";
    report.acted = options.yes;
    return act(*plan, subject, *place, report, "commit", options.json, options.output);
}

}  // namespace torque
