#include "tune/apply.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/format.h"
#include "base/parse.h"
#include "tune/check_knobs.h"

namespace torque::tune {
namespace {

constexpr const char* kKernelKeeps = "the kernel places this interrupt itself: managed, or one CPU's own";

constexpr const char* kNeedsGroups =
    "it needs the control groups of version 2 at /sys/fs/cgroup, with cpuset among cgroup.controllers";

ChangeRow row_of(const Change& change) {
    ChangeRow row;
    row.path = change.path;
    if (change.kind != Change::Kind::folder) row.wanted = change.value;
    row.why = change.why;
    return row;
}

std::string shown(const std::string& bytes) {
    return std::string(trim_space(bytes));
}

void cannot_read(ChangeRow& row, const Change& change, int error) {
    const bool is_absent = error == ENOENT || error == ENODEV;
    row.state = is_absent && change.may_lack ? ChangeState::missing : ChangeState::failed;
    if (!is_absent) {
        row.note = std::string("cannot be read: ") + std::strerror(error);
    } else if (change.path.starts_with("/sys/fs/cgroup/")) {
        row.note = kNeedsGroups;
    } else {
        row.note = "this kernel has no such file";
    }
}

// Is it in a group that is yet to be made?
bool is_below(const std::string& path, const std::vector<std::string>& folders) {
    return std::any_of(folders.begin(), folders.end(),
                       [&](const std::string& folder) { return path.starts_with(folder + '/'); });
}

// x86 moves an interrupt when it comes the next time.
void tell_where(ChangeRow& row, const Files& files) {
    const std::string folder = row.path.substr(0, row.path.rfind('/'));
    const auto now = CpuSet::parse_list(trim_space(files.read(folder + "/effective_affinity_list").bytes));
    const auto wanted = CpuSet::parse_list(*row.wanted);
    if (!now || !wanted || wanted->contains(*now)) return;
    row.note = formatted("it stays on {} until it comes the next time", now->list());
}

void judge(ChangeRow& row, const Change& change, const Journaled::Step& step, const Files& files) {
    if (step.error != 0) {
        const bool may_be =
            change.kind == Change::Kind::interrupt && (step.error == EIO || step.error == EPERM);
        row.state = may_be ? ChangeState::spared : ChangeState::failed;
        row.note = may_be ? kKernelKeeps : std::string("the kernel refuses it: ") + std::strerror(step.error);
        return;
    }
    row.state = ChangeState::done;
    if (change.kind == Change::Kind::folder) return;
    if (knob_holds(change.path, change.value, step.found)) {
        if (change.kind == Change::Kind::interrupt) tell_where(row, files);
        return;
    }
    row.state = ChangeState::failed;
    row.found = shown(step.found);
    row.note = formatted("the kernel made \"{}\" of it", knob_text(step.found));
}

// What there is to know without writing; planned where there is something to write.
ChangeRow look(const Change& change, const Files& files, const std::vector<std::string>& folders) {
    ChangeRow row = row_of(change);
    if (change.kind == Change::Kind::folder) {
        if (files.is_folder(change.path)) {
            row.state = ChangeState::kept;
        } else if (files.read("/sys/fs/cgroup/cgroup.controllers").error != 0) {
            row.state = ChangeState::failed;
            row.note = kNeedsGroups;
        }
        return row;
    }
    const Content now = files.read(change.path);
    if (now.error == ENOENT && is_below(change.path, folders)) return row;
    if (now.error != 0) {
        cannot_read(row, change, now.error);
        return row;
    }
    row.now = shown(now.bytes);
    if (knob_holds(change.path, change.value, now.bytes)) row.state = ChangeState::kept;
    if (row.state == ChangeState::planned && change.is_managed) {
        row.state = ChangeState::spared;
        row.note = kKernelKeeps;
    }
    return row;
}

}  // namespace

ChangeRows preview(const std::vector<Change>& changes, const Files& files) {
    ChangeRows rows;
    std::vector<std::string> folders;
    for (const Change& change : changes) {
        rows.push_back(look(change, files, folders));
        if (change.kind == Change::Kind::folder && rows.back().state == ChangeState::planned)
            folders.push_back(change.path);
    }
    return rows;
}

Result<ChangeRows> apply(const std::vector<Change>& changes, Journaled& files, const JournalBegin& begin) {
    ChangeRows rows;
    bool has_begun = false;
    for (const Change& change : changes) {
        // Looked at again: a file may have changed with one before it, and groups have their files by now.
        ChangeRow row = look(change, files.files(), {});
        if (row.state == ChangeState::planned) {
            if (!has_begun) {
                if (auto begun = files.begin(begin); !begun) return tl::unexpected<Error>(begun.error());
            }
            has_begun = true;
            const auto step = change.kind == Change::Kind::folder
                                  ? files.make_folder(change.path)
                                  : files.write(change.path, change.value + '\n');
            if (!step) return tl::unexpected<Error>(step.error());
            judge(row, change, *step, files.files());
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace torque::tune
