// lint(): what is wrong with a kernel boot line, what the kernel will do, and the line as it was meant.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tune/kernel_effect.h"

namespace torque::tune {

enum class LintSeverity {
    note,     // right, with a consequence that is easily overlooked
    warning,  // the kernel does it, but it is hardly what was meant
    error,    // the kernel does not do what the line says
};

struct LintFinding {
    std::string id;  // stable, kebab-case: "list-out-of-range"
    LintSeverity severity = LintSeverity::note;
    std::string parameter;   // its name, as the kernel's documentation writes it; "" for the line as a whole
    std::size_t offset = 0;  // of the word in the line, in characters
    std::string word;        // as it stands in the line
    std::string message;     // what is wrong
    std::string effect;      // what the kernel does; may be empty
    std::string hint;        // may be empty
};

struct LintReport {
    std::string line;
    KernelEffect effect;
    std::vector<LintFinding> findings;  // by offset
    // The line without its faults, where there are errors or warnings and a line without errors could be
    // found. What it means has to be guessed where the line contradicts itself.
    std::optional<std::string> mended;
};

// Errors or warnings, not only notes.
bool has_faults(const LintReport& report);

LintReport lint(std::string_view line, const KernelTarget& target);

}  // namespace torque::tune
