#include "tune/install.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/format.h"
#include "base/parse.h"
#include "loader/grub_config.h"
#include "loader/grub_env.h"
#include "sys/journaled.h"
#include "tune/boot_files.h"
#include "tune/changes.h"
#include "tune/install_loaders.h"
#include "tune/revert.h"

namespace torque::tune {
namespace {

struct LoaderRow {
    Loader loader;
    std::string_view word;
    Result<InstallPlan> (*propose)(const InstallSubject&);
};

constexpr LoaderRow kLoaders[] = {
    {Loader::grub, "grub", propose_grub},
    {Loader::bls, "bls", propose_bls},
    {Loader::systemd_boot, "systemd-boot", propose_systemd_boot},
};

const LoaderRow& row_of(Loader loader) {
    return *std::find_if(std::begin(kLoaders), std::end(kLoaders),
                         [=](const LoaderRow& row) { return row.loader == loader; });
}

ChangeRow row_of(const FilePlan& file) {
    ChangeRow row;
    row.path = file.path;
    row.now = file.before;
    row.wanted = file.after;
    row.why = file.why;
    if (file.before == file.after) row.state = ChangeState::kept;
    return row;
}

ChangeRow menu_row(const InstallPlan& plan) {
    ChangeRow row;
    row.path = plan.generated;
    row.why = "GRUB's menu, made anew by " + plan.generator.front();
    return row;
}

// Steps that go into the journal under one begin, which is made with the first.
class Steps {
  public:
    Steps(Journaled& journaled, JournalBegin begin) : journaled_(journaled), begin_(std::move(begin)) {}

    // Errors: the journal or the file cannot be written.
    Result<void> replace(const std::string& path, const std::optional<std::string>& bytes) {
        if (auto begun = start(); !begun) return begun;
        const auto step = journaled_.replace(path, bytes);
        if (!step) return tl::unexpected<Error>(step.error());
        if (step->error != 0)
            return fail(std::string("cannot write: ") + std::strerror(step->error), path,
                        step->error == EROFS ? "mount it for writing" : "");
        return {};
    }

    Result<void> make_folder_of(const std::string& path) {
        const std::string folder = path.substr(0, path.rfind('/'));
        if (journaled_.files().is_folder(folder)) return {};
        if (auto begun = start(); !begun) return begun;
        const auto step = journaled_.make_folder(folder);
        if (!step) return tl::unexpected<Error>(step.error());
        if (step->error != 0)
            return fail(std::string("cannot make the folder: ") + std::strerror(step->error), folder);
        return {};
    }

    bool has_begun() const { return has_begun_; }

  private:
    Result<void> start() {
        if (has_begun_) return {};
        has_begun_ = true;
        return journaled_.begin(begin_);
    }

    Journaled& journaled_;
    JournalBegin begin_;
    bool has_begun_ = false;
};

// The menu, as the generator writes it to its standard output: nothing is changed by running it.
Result<std::string> make_menu(const std::string& generator, Commands& commands) {
    auto made = commands.run({generator});
    if (!made) return tl::unexpected<Error>(made.error());
    if (made->status != 0) {
        const std::string_view said = trim_space(made->err);
        return fail(formatted("it ended with {}: {}", made->status,
                              printable(said.substr(said.rfind('\n') + 1), 300)),
                    generator, "mend what it says, and try again");
    }
    const std::string checker = grub_program(commands, "script-check");
    if (checker.empty()) return std::move(made->out);
    const auto checked = commands.run({checker}, made->out);
    if (!checked) return tl::unexpected<Error>(checked.error());
    if (checked->status != 0)
        return fail("the menu that it makes has errors: " + printable(trim_space(checked->err), 300),
                    generator);
    return std::move(made->out);
}

Result<ChangeRows> act(const InstallPlan& plan, const InstallSubject& subject, Steps& steps, Files& files) {
    ChangeRows rows;
    const auto write = [&](const FilePlan& file) -> Result<void> {
        rows.push_back(row_of(file));
        if (rows.back().state == ChangeState::kept) return {};
        rows.back().state = ChangeState::done;
        if (auto made = steps.make_folder_of(file.path); !made) return made;
        return steps.replace(file.path, file.after);
    };
    for (const FilePlan& file : plan.files) {
        if (auto written = write(file); !written) return tl::unexpected<Error>(written.error());
    }
    if (plan.generator.empty()) return rows;
    auto menu = make_menu(plan.generator.front(), subject.commands);
    if (!menu) return tl::unexpected<Error>(menu.error());
    if (auto fine = verify_menu(*menu, subject); !fine) return tl::unexpected<Error>(fine.error());
    const Content now = files.read(plan.generated);
    FilePlan file{plan.generated, {}, std::move(*menu), menu_row(plan).why};
    if (now.error == 0) file.before = now.bytes;
    if (auto written = write(file); !written) return tl::unexpected<Error>(written.error());
    return rows;
}

// The error, and what has become of the steps before it.
Error undone_after(Error error, OpenJournal& journal, Files& files, std::size_t begin_first) {
    const auto rows = revert(journal, files, {{}, false, begin_first});
    const bool is_undone =
        rows && count(*rows, ChangeState::failed) + count(*rows, ChangeState::foreign) == 0;
    error.what += is_undone ? "; what was written before it is undone" : "; not all of it could be undone";
    if (!is_undone) error.hint = "torque-topo revert tells what is left";
    return error;
}

void add_unless_kept(InstallPlan& plan, FilePlan file) {
    if (file.before != file.after) plan.files.push_back(std::move(file));
}

// A trial's file as it was before the trial, where it is still the trial's.
Result<void> take_away(InstallPlan& plan, const InstallSubject& subject, const JournalStep& step) {
    auto file = plan_for(subject.files, step.path, "the trial is over");
    if (!file) return tl::unexpected<Error>(file.error());
    const Content now{file->before ? 0 : ENOENT, file->before.value_or("")};
    file->after = file->before;
    const bool is_booted = step.path.ends_with("/grubenv") &&
                           loader::grub_variable(now.bytes, "next_entry").value_or("").empty();
    if (is_booted) return {};
    if (!boot_file_is_back(step, now) && boot_file_is_as_left(step, now))
        file->after = boot_file_undo(step, now);
    add_unless_kept(plan, std::move(*file));
    return {};
}

}  // namespace

std::string_view loader_word(Loader loader) {
    return row_of(loader).word;
}

std::vector<FoundLoader> find_loaders(const Files& files, const Dir& root) {
    std::vector<FoundLoader> found;
    for (const char* folder : {"/boot", "/efi", "/boot/efi"}) {
        const std::string path = std::string(folder) + "/EFI/systemd";
        const auto names = root.list(path.substr(1));
        const auto name = std::find_if(names.begin(), names.end(), [](const std::string& one) {
            return one.starts_with("systemd-boot") && one.ends_with(".efi");
        });
        if (name == names.end()) continue;
        found.push_back({Loader::systemd_boot, path + '/' + *name});
        break;
    }
    if (const std::string folder = grub_folder(files); !folder.empty()) {
        const std::string path = folder + "/grub.cfg";
        const bool is_bls = loader::takes_bls_entries(files.read(path).bytes);
        found.push_back({is_bls ? Loader::bls : Loader::grub, path});
    }
    return found;
}

Result<InstallPlan> propose_install(const InstallSubject& subject, Loader loader) {
    auto plan = row_of(loader).propose(subject);
    if (!plan) return plan;
    plan->loader = loader;
    if (!subject.is_trial) return plan;
    auto kept = plan_for(subject.files, std::string(kTrialLayout), "the layout, for torque-topo commit");
    if (!kept) return tl::unexpected<Error>(kept.error());
    kept->after = subject.layout_text;
    plan->files.insert(plan->files.begin(), std::move(*kept));
    return plan;
}

ChangeRows preview_install(const InstallPlan& plan) {
    ChangeRows rows;
    for (const FilePlan& file : plan.files) rows.push_back(row_of(file));
    if (!plan.generator.empty()) rows.push_back(menu_row(plan));
    return rows;
}

Result<ChangeRows> install(const InstallPlan& plan, const InstallSubject& subject, OpenJournal& journal,
                           Files& files, const std::string& what, const std::string& boot_id) {
    const std::size_t begin_first = journal.journal.begins.size();
    Journaled journaled(files, *journal.log, journal.journal);
    Steps steps(journaled, {what, boot_id, changes_digest(subject.layout)});
    auto rows = act(plan, subject, steps, files);
    if (rows || !steps.has_begun()) return rows;
    return tl::unexpected<Error>(undone_after(rows.error(), journal, files, begin_first));
}

Result<void> remake_menu(const std::string& path, Files& files, Commands& commands) {
    const std::string generator = grub_program(commands, "mkconfig");
    if (generator.empty()) return fail("there is no grub-mkconfig or grub2-mkconfig");
    const auto menu = make_menu(generator, commands);
    if (!menu) return tl::unexpected<Error>(menu.error());
    const int error = files.replace(path, *menu);
    if (error != 0) return fail(std::string("cannot write: ") + std::strerror(error), path);
    return {};
}

std::string trial_words(Loader loader) {
    return formatted("install --trial --to {}", loader_word(loader));
}

std::optional<Trial> find_trial(const Journal& journal) {
    std::optional<Trial> found;
    for (const JournalEntry& entry : journal.entries) {
        if (entry.undone) continue;
        const std::string& what = journal.begins[entry.begin].what;
        if (what == "commit") found.reset();
        for (const LoaderRow& row : kLoaders) {
            if (what == trial_words(row.loader)) found = Trial{row.loader, entry.begin};
        }
    }
    return found;
}

std::string not_booted_with(std::string_view line, std::string_view cmdline) {
    if (has_line(cmdline, line)) return {};
    return formatted("the running kernel was booted with \"{}\", and the trial's line is \"{}\"",
                     printable(trim_space(cmdline), 2048), printable(line, 2048));
}

Result<InstallPlan> propose_commit(const InstallSubject& subject, const Journal& journal,
                                   const Trial& trial) {
    auto plan = propose_install(subject, trial.loader);
    if (!plan) return plan;
    for (const JournalEntry& entry : journal.entries) {
        if (entry.begin != trial.begin || entry.undone || !entry.step.is_file()) continue;
        if (auto taken = take_away(*plan, subject, entry.step); !taken)
            return tl::unexpected<Error>(taken.error());
    }
    return plan;
}

}  // namespace torque::tune
