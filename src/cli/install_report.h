// How install and commit tell what they write: the files' lines that change, or a document.
#pragma once

#include <string>
#include <vector>

#include "cli/exit_status.h"
#include "torque/result.h"
#include "tune/change.h"

namespace torque {

struct InstallReport {
    std::string command;  // "install", "commit"
    std::string loader;   // "grub", "bls", "systemd-boot"
    std::string entry;    // title of the entry that is changed or copied; may be empty
    std::string machine;  // "live", or the folder that was changed in its place
    std::string journal;
    std::vector<std::string> commands;  // programs that make a file anew
    bool is_trial = false;
    bool acted = false;  // else nothing was written
    tune::ChangeRows rows;
};

Result<ExitStatus> report_install(const InstallReport& report, bool json, const std::string& output);

}  // namespace torque
