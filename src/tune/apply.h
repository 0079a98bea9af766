// apply(): writes what a layout wants to a running kernel, and tells what the kernel made of it.
#pragma once

#include <vector>

#include "sys/files.h"
#include "sys/journaled.h"
#include "tune/change.h"
#include "tune/changes.h"

namespace torque::tune {

// What apply() would do. Writes nothing.
ChangeRows preview(const std::vector<Change>& changes, const Files& files);

// In order; each file is read back. A file that the kernel refuses does not keep the others from being
// written. Nothing is written, and nothing begun in the journal, where all is as wanted. Errors: the journal
// cannot be written. What was written until then is in it.
Result<ChangeRows> apply(const std::vector<Change>& changes, Journaled& files, const JournalBegin& begin);

}  // namespace torque::tune
