// Short forms for people: sizes, frequencies, long CPU lists, and many CPU sets at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "render/text.h"
#include "torque/cpu_set.h"

namespace torque {

std::string size_text(std::uint64_t bytes);               // "48 KiB", "1.25 MiB" where exact, else "62.6 GiB"
std::string frequency_text(std::uint64_t khz);            // "3.4 GHz", "800 MHz"
std::string count_text(int count, const char* singular);  // "1 core", "2 cores"

// Ascending numbers of CPUs, nodes or packages. Not a CpuSet, whose size follows the largest number.
using Numbers = std::vector<std::int64_t>;
Numbers numbers(const CpuSet& set);

// The kernel's list form. Where that takes more than `columns_max`, five or more equal steps are cut short:
// "0,4,…,60" and "0-1,8-9,…,56-57".
std::string list_text(const Numbers& list, const Glyphs& glyph, int columns_max = 24);
std::string list_text(const CpuSet& set, const Glyphs& glyph, int columns_max = 24);

// The lists of like things in the given order, a space between them: "0-1 2-3 4-5". Those that do not fit are
// cut short where each list is the one before moved by the same step ("0,64 1,65 2,66 … 63,127"). Otherwise,
// and for lists of a single number, it is their union.
std::string lists_text(std::vector<Numbers> lists, const Glyphs& glyph, int columns_max);

}  // namespace torque
