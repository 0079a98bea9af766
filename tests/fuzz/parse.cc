// The small parsers of src/base against plain restatements of what they promise.
#include "base/parse.h"

#include <algorithm>
#include <string>

#include "claim.h"

namespace {

using fuzz::claim;

void check_numbers(std::string_view text) {
    const bool digits = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
    const auto number = torque::parse_unsigned(text);
    claim(!number || digits, "digits and nothing else");
    claim(number.has_value() || !digits || text.size() > 19, "all digits that fit into 64 bits");
    if (number && !text.starts_with('0'))
        claim(std::to_string(*number) == text, "the number that is written");
    claim(!torque::parse_unsigned(text, 9).has_value() || *number <= 9, "no number above the limit");
    if (const auto number_or_less = torque::parse_signed(text)) {
        claim(text.front() == '-' || number == static_cast<std::uint64_t>(*number_or_less),
              "the sign is all");
    }
    const auto hex = torque::parse_hex(text);
    claim(!hex || text.find_first_not_of("0123456789abcdefABCDEFxX") == text.npos, "hexadecimal digits");
}

void check_pieces(std::string_view text) {
    std::string joined;
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view line = torque::take_line(rest);
        claim(line.find('\n') == line.npos, "a line has no line end");
        joined.append(line).append("\n");
    }
    claim(joined == text || joined == std::string(text) + "\n", "lines are all of the text");
    const std::string_view trimmed = torque::trim_space(text);
    claim(torque::trim_space(trimmed) == trimmed, "nothing is left to trim");
    const std::string shown = torque::printable(text);
    claim(std::all_of(shown.begin(), shown.end(), [](char c) { return c >= ' ' && c <= '~'; }), "printable");
}

void check_distance(std::string_view a, std::string_view b) {
    a = a.substr(0, 40);
    b = b.substr(0, 40);
    const int distance = torque::edit_distance(a, b);
    const auto longer = static_cast<int>(std::max(a.size(), b.size()));
    const auto shorter = static_cast<int>(std::min(a.size(), b.size()));
    claim(distance == torque::edit_distance(b, a), "as far there as back");
    claim((distance == 0) == (a == b), "no distance to itself only");
    claim(distance >= longer - shorter && distance <= longer, "no more edits than letters");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest = fuzz::text_of(data, size);
    check_numbers(rest);
    check_pieces(rest);
    const std::string_view a = torque::take_until(rest, '\0');
    check_distance(a, rest);
    return 0;
}
