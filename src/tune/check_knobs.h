// Does a file of /proc or /sys hold what was written to it? As sets, numbers and words, not as text.
#pragma once

#include <string>
#include <string_view>

namespace torque::tune {

// path: of the file, whose name says what it holds: a CPU list, a mask, words to switch on ("+cpuset"), one
// choice of several ("always [madvise] never"), otherwise a text.
bool knob_holds(std::string_view path, std::string_view wanted, std::string_view found);

// "always [madvise] never": the one in brackets; all of it where there are none.
std::string_view knob_choice(std::string_view found);

// What a file holds, to be shown: one line of printable characters.
std::string knob_text(std::string_view found);

// Whether `wanted` is among the words of `text`, which spaces part.
bool has_word(std::string_view text, std::string_view wanted);

}  // namespace torque::tune
