// GRUB's menu as grub-mkconfig writes it, /boot/grub/grub.cfg: the entry that is booted, and a copy to try.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "torque/result.h"

namespace torque::loader {

struct GrubEntry {
    std::string title;
    std::vector<std::string> lines;  // between the braces
    std::size_t linux = 0;           // index of the one that loads the kernel
    std::size_t line_begin = 0;      // where in that one the boot line begins, behind the kernel's file
    std::string line;                // the boot line
    bool is_unrestricted = false;    // no password is asked for
};

// What grub.cfg does.
bool takes_bls_entries(std::string_view config);  // by the command blscfg
bool boots_once(std::string_view config);         // what next_entry in the environment block names
bool reads_custom(std::string_view config);       // custom.cfg beside it

// The entry that is booted when nobody chooses: the file's default, or `saved` ("": none) where that is the
// default (GRUB manual, "default", "Simple configuration handling"). Errors: the file names no default, there
// is no such entry, it is a submenu, or it does not load exactly one Linux kernel.
Result<GrubEntry> default_entry(std::string_view config, std::string_view saved);

// The same entry under another title and id, with another boot line.
std::string entry_text(const GrubEntry& entry, std::string_view title, std::string_view id,
                       std::string_view line);

}  // namespace torque::loader
