// What apply and revert share: whose root, which journal, and how changes are told.
#pragma once

#include <string>

#include "cli/exit_status.h"
#include "sys/files.h"
#include "torque/result.h"
#include "tune/change.h"

namespace torque {

struct ChangeReport {
    std::string command;  // "apply"
    std::string machine;  // "live", or the folder that was changed in its place
    std::string journal;
    bool acted = false;  // else nothing was written
    tune::ChangeRows rows;
};

// Prints it, also where changes failed: it is then that one has to know what was done. kExitFailure with an
// error on standard error where a row failed or is foreign and the command acted.
Result<ExitStatus> report_changes(const ChangeReport& report, bool json, const std::string& output);

// Below `root` unless it was given.
std::string journal_path(const std::string& root, const std::string& given);

// Beside it, that of install and commit: what they change outlasts a boot.
std::string boot_journal_path(const std::string& root, const std::string& given);

// Errors: it would change this machine, which root alone may.
Result<void> needs_root(const std::string& command, const std::string& root);

// What tells this boot of the machine from others; "" where it is not known.
std::string boot_id(const Files& files);

}  // namespace torque
