// The formats of other programs that a layout can be written in, as a table.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "torque/layout.h"
#include "torque/result.h"

namespace torque::emit {

// What a layout may lack and a format may not do without; bits.
enum Need : unsigned {
    kWorkers = 1,
    kIsolated = 2,      // CPUs
    kHousekeeping = 4,  // CPUs
    kBootLine = 8,
    kOwnCpus = 16,       // no two workers share a CPU
    kWholeMachine = 32,  // each CPU is an isolated or a housekeeping one, as they are not in a container
};

struct Format {
    std::string_view name;
    std::string_view program;                           // that reads it
    std::string_view what;                              // the text says, in one line
    std::string_view file;                              // where the text belongs; empty: on a command line
    unsigned needs;                                     // Need bits
    Result<std::string> (*emit)(const Layout& layout);  // to be called by write_format() only
};

std::span<const Format> formats();  // names are unique

// The layout in the format. Pure. Ends with a newline, and begins with comments, where the format has any,
// that name the plan and the place of the text. Nothing of the layout reaches the text but numbers, CPU lists
// and boot parameters without a character that means something to a shell, a boot loader or a configuration
// file. Errors: the layout lacks what the format needs, or holds what the program cannot take.
Result<std::string> write_format(const Format& format, const Layout& layout);

// Errors: ErrorKind::usage for a name that is not in the table, with the one that could have been meant.
Result<const Format*> find_format(std::string_view name);

}  // namespace torque::emit
