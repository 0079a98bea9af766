// Which files of boot loaders install writes, and what takes a change of one back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sys/files.h"
#include "sys/journal.h"

namespace torque::tune {

inline constexpr std::string_view kGrubDropIn = "/etc/default/grub.d/90-torque.cfg";
inline constexpr std::string_view kTrialLayout = "/var/lib/torque/trial.json";  // what commit is to keep
inline constexpr std::string_view kEfiVariables = "/sys/firmware/efi/efivars/";

// Root writes what a journal says: only what is among these, and no way out of their folders.
bool is_boot_file(std::string_view path);

// Of a step with is_file(): does the file hold what it held before? GRUB itself takes next_entry out of its
// environment block when it has booted it.
bool boot_file_is_back(const JournalStep& step, const Content& now);

// Is it as the step left it?
bool boot_file_is_as_left(const JournalStep& step, const Content& now);

// What the file has to hold again; absent: it has to go.
std::optional<std::string> boot_file_undo(const JournalStep& step, const Content& now);

}  // namespace torque::tune
