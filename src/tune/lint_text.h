// What lint() found, as text for people.
#pragma once

#include <string>

#include "tune/lint.h"

namespace torque::tune {

// One block for each finding, what the kernel will have, and the mended line; a single line when there is
// nothing to say. Bytes that are not printable ASCII are escaped.
std::string lint_text(const LintReport& report);

// "error", "warning" or "note".
const char* severity_word(LintSeverity severity);

}  // namespace torque::tune
