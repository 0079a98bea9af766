// What install writes for each boot loader, before it is one plan.
#pragma once

#include <string>
#include <string_view>

#include "loader/line_words.h"
#include "tune/install.h"

namespace torque::tune {

inline constexpr std::string_view kTrialTitle = "torque-topo trial";
inline constexpr std::string_view kTrialId = "torque-trial";

// Parameters that a layout's line takes the place of: its own, and all of isolation.
loader::IsDropped replaced_by(std::string_view line);

// Does the boot line have those of the layout, once each and nothing else of their names?
bool has_line(std::string_view boot_line, std::string_view line);

// The file as it is, in a plan to be changed. Errors: it cannot be read; that it is not there is none.
Result<FilePlan> plan_for(const Files& files, std::string path, std::string why);

// GRUB's folder below /boot, "/boot/grub"; empty where there is none.
std::string grub_folder(const Files& files);
// One of the machine's programs by the names that distributions give it; empty: there is none.
std::string grub_program(const Commands& commands, std::string_view name);

// The environment block with the entry that GRUB is to boot once. Errors: the menu does not do that, or GRUB
// cannot write the block, and so would boot the entry for ever.
Result<FilePlan> plan_once(const InstallSubject& subject, std::string_view entry);

Result<InstallPlan> propose_grub(const InstallSubject& subject);
Result<InstallPlan> propose_bls(const InstallSubject& subject);
Result<InstallPlan> propose_systemd_boot(const InstallSubject& subject);

// Does the menu boot the line? Errors say what it boots.
Result<void> verify_menu(const std::string& config, const InstallSubject& subject);

}  // namespace torque::tune
