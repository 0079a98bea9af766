// Small parsers of untrusted text: numbers, fields, lines. None allocates but printable().
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace torque {

// Decimal digits and nothing else, at most `max`.
std::optional<std::uint64_t> parse_unsigned(std::string_view text,
                                            std::uint64_t max = std::numeric_limits<std::uint64_t>::max());
// The same with an optional leading minus.
std::optional<std::int64_t> parse_signed(std::string_view text);
// Hexadecimal digits with or without a leading 0x, at most 16 of them.
std::optional<std::uint64_t> parse_hex(std::string_view text);

// "10s", "1500ms", "2m", "1h", "90" (seconds) in milliseconds, at most `max_ms`.
std::optional<std::int64_t> parse_duration_ms(std::string_view text, std::int64_t max_ms);

// The value of a hexadecimal digit; -1 when it is none.
constexpr int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string_view trim_space(std::string_view text);  // spaces, tabs and line ends at both ends

// Cuts the text before the first `separator` off the front of `rest`, and the separator with it.
std::string_view take_until(std::string_view& rest, char separator);
inline std::string_view take_line(std::string_view& rest) {
    return take_until(rest, '\n');
}

// The text with control and non-ASCII bytes as \xNN, cut to `max` characters: safe to print in an error.
std::string printable(std::string_view text, std::size_t max = 60);

// Edits (insert, delete, replace, swap of neighbours) that turn a into b.
int edit_distance(std::string_view a, std::string_view b);

// The candidate nearest to `word`, if near enough to be what was meant.
template <class Range>
std::optional<std::string> did_you_mean(std::string_view word, const Range& candidates) {
    std::optional<std::string> best;
    int best_distance = static_cast<int>(word.size()) / 3 + 2;
    for (const auto& candidate : candidates) {
        const int distance = edit_distance(word, candidate);
        if (distance < best_distance) {
            best_distance = distance;
            best = std::string(candidate);
        }
    }
    return best;
}

}  // namespace torque
