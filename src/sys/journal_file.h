// The journal on the disk: one process at a time appends to it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "sys/journal.h"
#include "torque/result.h"

namespace torque {

class JournalLog {
  public:
    virtual ~JournalLog() = default;
    // On the disk when this returns.
    virtual Result<void> append(std::string_view lines) = 0;
    // For what the next append() may take along to the disk.
    virtual Result<void> append_later(std::string_view lines) = 0;
    // Nothing is left to undo.
    virtual Result<void> clear() = 0;
};

struct OpenJournal {
    Journal journal;
    std::unique_ptr<JournalLog> log;
};

// Makes the file, and its folder, for this user alone where they are not there; it stays, empty, when all is
// undone. Errors: another process has it open, it is a link or another user's or may be written by others,
// which would have this user write what they like; and those of parse_journal().
Result<OpenJournal> open_journal(const std::string& path);

// What it holds, without a lock. Where there is none: nothing. Errors: as above.
Result<Journal> read_journal(const std::string& path);

}  // namespace torque
