// revert(): what the journal says was changed is put back, the last first.
#pragma once

#include <string>

#include "sys/files.h"
#include "sys/journal_file.h"
#include "tune/change.h"

namespace torque::tune {

struct Revert {
    std::string boot_id;          // of the running kernel; empty: not known
    bool force = false;           // also what somebody else has changed since
    std::size_t begin_first = 0;  // of the journal's begins, the first that is undone
};

// What revert() would do. Writes nothing.
ChangeRows preview_revert(const Journal& journal, const Files& files, const Revert& how);

// Goes on after a step that cannot be undone, which stays in the journal. Killed at any point and called
// again, it ends as if it had not been: what is back already is passed over. When all is undone the journal
// is empty. What was set until the next boot is gone with that boot, and passed over after it. Errors: the
// journal cannot be written, or names a file that neither apply nor install writes.
Result<ChangeRows> revert(OpenJournal& journal, Files& files, const Revert& how);

// Empties a journal whose changes are all undone, or gone with a boot that is not this one: else it would
// grow with every boot. Errors: the journal cannot be written.
Result<void> forget_other_boots(OpenJournal& journal, const std::string& boot_id);

}  // namespace torque::tune
