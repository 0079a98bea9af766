#include "base/parse.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace torque {
namespace {

template <class T>
std::optional<T> parse_number(std::string_view text, int base) {
    T value{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value, base);
    if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

}  // namespace

std::optional<std::uint64_t> parse_unsigned(std::string_view text, std::uint64_t max) {
    const auto value = parse_number<std::uint64_t>(text, 10);
    return value && *value <= max ? value : std::nullopt;
}

std::optional<std::int64_t> parse_signed(std::string_view text) {
    return parse_number<std::int64_t>(text, 10);
}

std::optional<std::uint64_t> parse_hex(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    return parse_number<std::uint64_t>(text, 16);
}

std::optional<std::int64_t> parse_duration_ms(std::string_view text, std::int64_t max_ms) {
    struct Unit {
        std::string_view name;
        std::int64_t ms;
    };
    static constexpr Unit kUnits[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"", 1000}};
    for (const Unit& unit : kUnits) {
        if (!text.ends_with(unit.name)) continue;
        const auto number = parse_unsigned(text.substr(0, text.size() - unit.name.size()),
                                           static_cast<std::uint64_t>(max_ms / unit.ms));
        if (number) return static_cast<std::int64_t>(*number) * unit.ms;
    }
    return std::nullopt;
}

std::string_view trim_space(std::string_view text) {
    // By hand: find_first_not_of() searches the set anew for each character, and this runs for every fact.
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

std::string_view take_until(std::string_view& rest, char separator) {
    const std::size_t at = rest.find(separator);
    const std::string_view taken = rest.substr(0, at);
    rest = at == rest.npos ? std::string_view{} : rest.substr(at + 1);
    return taken;
}

std::string printable(std::string_view text, std::size_t max) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out;
    for (char c : text.substr(0, max)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f) {
            out += c;
        } else {
            out += "\\x";
            out += kDigits[byte >> 4];
            out += kDigits[byte & 0xf];
        }
    }
    if (text.size() > max) out += "...";
    return out;
}

// Damerau-Levenshtein distance with adjacent swaps, three rows at a time.
int edit_distance(std::string_view a, std::string_view b) {
    std::vector<int> before_last, last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = static_cast<int>(j);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = static_cast<int>(i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before_last[j - 2] + 1);
            }
        }
        before_last = last;
        last = row;
    }
    return last[b.size()];
}

}  // namespace torque
