#include "tune/revert.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/format.h"
#include "base/parse.h"
#include "tune/boot_files.h"
#include "tune/check_knobs.h"
#include "tune/knob_undo.h"
#include "tune/tuning_files.h"

namespace torque::tune {
namespace {

using Kind = JournalStep::Kind;

// Root writes what the journal says: only what is among what we write.
bool is_ours(const JournalStep& step) {
    if (step.is_file()) return is_boot_file(step.path);
    if (step.kind == Kind::folder && step.path == "/var/lib/torque") return true;
    return is_tuning_file(step.kind == Kind::folder ? step.path + "/cpuset.cpus" : step.path);
}

// What was written then the kernel has forgotten.
bool is_of_other_boot(const Journal& journal, const JournalEntry& entry, const std::string& boot_id) {
    const std::string& boot = journal.begins[entry.begin].boot_id;
    const bool lasts = entry.step.is_file() || entry.step.path.starts_with("/var/");
    return !lasts && !boot.empty() && !boot_id.empty() && boot != boot_id;
}

class Undoer {
  public:
    Undoer(const Journal& journal, const Files& files, const Revert& how)
        : journal_(journal), files_(files), how_(how) {}

    // What there is to do for a step, planned where there is something.
    ChangeRow look(const JournalEntry& entry) const {
        const JournalStep& step = entry.step;
        ChangeRow row;
        row.path = step.path;
        row.why = "as it was before " + journal_.begins[entry.begin].what;
        if (is_of_other_boot(journal_, entry, how_.boot_id)) {
            row.state = ChangeState::kept;
            row.note = "the machine was booted since, which has taken it back";
            return row;
        }
        if (step.kind == Kind::folder) {
            row.why = "made by " + journal_.begins[entry.begin].what;
            if (!files_.is_folder(step.path)) row.state = ChangeState::kept;
            return row;
        }
        step.is_file() ? look_at_boot_file(entry, row) : look_at_file(entry, row);
        return row;
    }

  private:
    void look_at_boot_file(const JournalEntry& entry, ChangeRow& row) const {
        const JournalStep& step = entry.step;
        const Content now = files_.read(step.path);
        row.wanted = boot_file_undo(step, now);
        if (now.error == 0) row.now = now.bytes;
        if (boot_file_is_back(step, now)) {
            row.state = ChangeState::kept;
        } else if (now.error != 0 && now.error != ENOENT) {
            row.state = ChangeState::failed;
            row.note = std::string("cannot be read: ") + std::strerror(now.error);
        } else if (!boot_file_is_as_left(step, now) && step.path.ends_with("/grub.cfg")) {
            // The old one may name kernels that are gone.
            row.state = ChangeState::spared;
            row.note = "it was made anew since, so it is made once more, by grub-mkconfig";
        } else if (!boot_file_is_as_left(step, now) && !how_.force) {
            row.state = ChangeState::foreign;
            row.note = "somebody has changed it since; --force puts it back all the same";
        }
    }

    void look_at_file(const JournalEntry& entry, ChangeRow& row) const {
        const JournalStep& step = entry.step;
        const Content now = files_.read(step.path);
        const std::string undo = knob_undo(step.path, step.before, step.after);
        row.wanted = trim_space(undo);
        if (now.error == ENOENT || now.error == ENODEV) {
            row.state = ChangeState::missing;
            row.note = "it is gone, and what it held with it";
            return;
        }
        if (now.error != 0) {
            row.state = ChangeState::failed;
            row.note = std::string("cannot be read: ") + std::strerror(now.error);
            return;
        }
        row.now = trim_space(now.bytes);
        const bool needs_bytes = !entry.found && !undo.empty();
        if (needs_bytes ? now.bytes == step.before
                        : knob_is_back(step.path, step.before, step.after, now.bytes)) {
            row.state = ChangeState::kept;
            return;
        }
        // A step that was cut off, or whose undoing was, is ours: nobody has looked at what it left.
        const bool is_as_left =
            !entry.found || now.bytes == *entry.found || knob_holds(step.path, step.after, now.bytes);
        if (is_as_left || how_.force) return;
        row.state = ChangeState::foreign;
        row.note = formatted("somebody has changed it since, from \"{}\"; --force puts it back all the same",
                             knob_text(*entry.found));
    }

    const Journal& journal_;
    const Files& files_;
    const Revert& how_;
};

void undo_boot_file(const JournalStep& step, Files& files, ChangeRow& row) {
    const int error = files.replace(step.path, boot_file_undo(step, files.read(step.path)));
    row.state = error == 0 ? ChangeState::done : ChangeState::failed;
    if (error != 0) row.note = std::string("cannot be written: ") + std::strerror(error);
}

void undo_folder(const JournalStep& step, Files& files, ChangeRow& row) {
    const int error = files.remove_folder(step.path);
    row.state = error == 0 ? ChangeState::done : ChangeState::failed;
    if (error == EBUSY || error == ENOTEMPTY) {
        row.note =
            formatted("it is in use: stop or move what {}/cgroup.procs names, and groups in it", step.path);
    } else if (error != 0) {
        row.note = std::string("cannot be removed: ") + std::strerror(error);
    }
}

void undo_write(const JournalStep& step, Files& files, ChangeRow& row) {
    const int error = files.write(step.path, knob_undo(step.path, step.before, step.after));
    if (error != 0) {
        row.state = ChangeState::failed;
        const bool is_in_use = error == ENOSPC && step.path.ends_with("/cpuset.cpus");
        row.note = std::string("the kernel refuses it: ") +
                   (is_in_use ? "processes are in the group" : std::strerror(error));
        return;
    }
    const Content now = files.read(step.path);
    row.state = ChangeState::done;
    if (now.error == 0 && knob_is_back(step.path, step.before, step.after, now.bytes)) return;
    row.state = ChangeState::failed;
    row.found = trim_space(now.bytes);
    row.note = formatted("the kernel made \"{}\" of it", knob_text(now.bytes));
}

Result<void> refuse_strangers(const Journal& journal) {
    for (const JournalEntry& entry : journal.entries) {
        if (is_ours(entry.step)) continue;
        return fail(formatted("the journal names \"{}\", which is none of the files that torque-topo writes",
                              printable(entry.step.path, 200)),
                    {}, "nothing was undone: was the journal written by another version?");
    }
    return {};
}

}  // namespace

Result<void> forget_other_boots(OpenJournal& open, const std::string& boot_id) {
    const auto is_past = [&](const JournalEntry& entry) {
        return entry.undone || is_of_other_boot(open.journal, entry, boot_id);
    };
    const auto& entries = open.journal.entries;
    if (!std::all_of(entries.begin(), entries.end(), is_past)) return {};
    if (auto cleared = open.log->clear(); !cleared) return cleared;
    open.journal = Journal{};
    return {};
}

ChangeRows preview_revert(const Journal& journal, const Files& files, const Revert& how) {
    const Undoer undoer(journal, files, how);
    ChangeRows rows;
    for (std::size_t i = journal.entries.size(); i-- > 0;) {
        if (!journal.entries[i].undone) rows.push_back(undoer.look(journal.entries[i]));
    }
    return rows;
}

Result<ChangeRows> revert(OpenJournal& open, Files& files, const Revert& how) {
    Journal& journal = open.journal;
    if (auto fine = refuse_strangers(journal); !fine) return tl::unexpected<Error>(fine.error());
    const Undoer undoer(journal, files, how);
    ChangeRows rows;
    for (std::size_t i = journal.entries.size(); i-- > 0;) {
        JournalEntry& entry = journal.entries[i];
        if (entry.undone || entry.begin < how.begin_first) continue;
        ChangeRow row = undoer.look(entry);
        if (row.state == ChangeState::planned) {
            if (auto told = open.log->append_later(journal_undoing(i)); !told)
                return tl::unexpected<Error>(told.error());
            (entry.step.is_file()              ? undo_boot_file
             : entry.step.kind == Kind::folder ? undo_folder
                                               : undo_write)(entry.step, files, row);
        }
        if (entry.step.is_file()) files.discard(entry.step.path);
        entry.undone = row.state != ChangeState::failed && row.state != ChangeState::foreign;
        rows.push_back(std::move(row));
        if (!entry.undone) continue;
        if (auto told = open.log->append_later(journal_undone(i)); !told)
            return tl::unexpected<Error>(told.error());
    }
    if (journal.has_undone_all()) {
        if (auto cleared = open.log->clear(); !cleared) return tl::unexpected<Error>(cleared.error());
        journal = Journal{};
    }
    return rows;
}

}  // namespace torque::tune
