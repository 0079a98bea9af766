#include "loader/version_order.h"

#include <algorithm>

namespace torque::loader {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool counts(char c) {
    return is_digit(c) || is_letter(c) || c == '~' || c == '-' || c == '^' || c == '.';
}

int order(bool a, bool b) {
    return static_cast<int>(a) - static_cast<int>(b);
}

template <class Is>
std::string_view take_while(std::string_view& text, Is is) {
    const auto end = std::find_if_not(text.begin(), text.end(), is);
    const auto part = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(part.size());
    return part;
}

// Numbers are newer than letters.
int compare_numbers(std::string_view& a, std::string_view& b) {
    std::string_view x = take_while(a, is_digit), y = take_while(b, is_digit);
    if (x.empty() != y.empty()) return order(!x.empty(), !y.empty());
    x.remove_prefix(std::min(x.find_first_not_of('0'), x.size()));
    y.remove_prefix(std::min(y.find_first_not_of('0'), y.size()));
    if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
    return x.compare(y);
}

}  // namespace

int compare_versions(std::string_view a, std::string_view b) {
    for (;;) {
        const auto is_noise = [](char c) { return !counts(c); };
        take_while(a, is_noise);
        take_while(b, is_noise);
        const char x = a.empty() ? '\0' : a.front(), y = b.empty() ? '\0' : b.front();
        // Before the end of the other: 1~rc1 is older than 1.
        if (x == '~' || y == '~') {
            if (x != y) return order(x != '~', y != '~');
            a.remove_prefix(1);
            b.remove_prefix(1);
            continue;
        }
        if (x == '\0' || y == '\0') return order(x != '\0', y != '\0');
        bool has_mark = false;
        for (const char mark : {'-', '^', '.'}) {
            if (x != mark && y != mark) continue;
            if (x != y) return order(x != mark, y != mark);
            a.remove_prefix(1);
            b.remove_prefix(1);
            has_mark = true;
            break;
        }
        if (has_mark) continue;
        const bool has_digits = is_digit(x) || is_digit(y);
        const int found =
            has_digits ? compare_numbers(a, b) : take_while(a, is_letter).compare(take_while(b, is_letter));
        if (found != 0) return found;
    }
}

}  // namespace torque::loader
