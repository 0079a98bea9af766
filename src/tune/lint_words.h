// The faults that a boot line's words show each by itself: names, values, and words in a wrong place.
#pragma once

#include <vector>

#include "tune/boot_words.h"
#include "tune/lint.h"

namespace torque::tune {

// words: those of report.line that the kernel sees.
std::vector<LintFinding> lint_words(const std::vector<BootWord>& words, const LintReport& report,
                                    const KernelTarget& target);

}  // namespace torque::tune
