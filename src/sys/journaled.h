// Journaled: changes files, each step after the journal has it on the disk.
#pragma once

#include <optional>
#include <string>

#include "sys/files.h"
#include "sys/journal.h"
#include "sys/journal_file.h"
#include "torque/result.h"

namespace torque {

class Journaled {
  public:
    // `journal` is what `log` holds, and is kept so.
    Journaled(Files& files, JournalLog& log, Journal& journal)
        : files_(files), log_(log), journal_(journal) {}

    struct Step {
        int error = 0;      // errno of the step, which then has changed nothing
        std::string found;  // what the file holds now
    };

    // Before the first step. Errors, here and below: the journal cannot be written; then nothing was changed.
    Result<void> begin(const JournalBegin& what);

    // As of Files.
    Result<Step> write(const std::string& path, const std::string& bytes);
    Result<Step> replace(const std::string& path, const std::optional<std::string>& bytes);
    Result<Step> make_folder(const std::string& path);

    const Files& files() const { return files_; }

  private:
    Result<std::size_t> announce(JournalStep step);
    Result<Step> finish(std::size_t step, int error);

    Files& files_;
    JournalLog& log_;
    Journal& journal_;
};

}  // namespace torque
