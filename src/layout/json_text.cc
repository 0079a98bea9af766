#include "layout/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace torque {
namespace {

// Length of the UTF-8 sequence at the front of `text`, 0 when it is none (RFC 3629, section 4).
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    };
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
    const unsigned first = byte(0);
    if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        const bool overlong = first == 0xe0 && byte(1) < 0xa0;
        const bool surrogate = first == 0xed && byte(1) > 0x9f;
        return !overlong && !surrogate && continues(1) && continues(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        const bool overlong = first == 0xf0 && byte(1) < 0x90;
        const bool too_large = first == 0xf4 && byte(1) > 0x8f;
        return !overlong && !too_large && continues(1) && continues(2) && continues(3) ? 4 : 0;
    }
    return 0;
}

bool is_plain(char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

// Appends one character of `text`, escaped where JSON asks for it; gives how many bytes it took.
std::size_t append_character(std::string_view text, std::string& out) {
    static constexpr char kDigits[] = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(text.front());
    if (byte >= 0x80) {
        const std::size_t length = utf8_length(text);
        out += length > 0 ? text.substr(0, length) : "\xef\xbf\xbd";
        return length > 0 ? length : 1;
    }
    if (byte == '"' || byte == '\\') {
        out += '\\';
        out += text.front();
    } else if (byte == '\n') {
        out += "\\n";
    } else if (byte == '\t') {
        out += "\\t";
    } else if (byte < 0x20) {
        out += "\\u00";
        out += kDigits[byte >> 4];
        out += kDigits[byte & 0xf];
    } else {
        out += text.front();
    }
    return 1;
}

template <class Number>
void append_number(Number number, std::string& out) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

}  // namespace

JsonText& JsonText::end() {
    const Level level = levels_.back();
    levels_.pop_back();
    if (level.form == Form::lines && !level.empty) new_line();
    text_ += level.end;
    if (levels_.empty()) text_ += '\n';
    return *this;
}

JsonText& JsonText::key(std::string_view name) {
    value(name);
    text_ += ": ";
    after_key_ = true;
    return *this;
}

JsonText& JsonText::value(std::string_view text) {
    separate();
    text_ += '"';
    while (!text.empty()) {
        const auto plain =
            static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_plain) - text.begin());
        text_ += text.substr(0, plain);
        text.remove_prefix(plain);
        if (!text.empty()) text.remove_prefix(append_character(text, text_));
    }
    text_ += '"';
    return *this;
}

JsonText& JsonText::value(double number) {
    separate();
    append_number(number, text_);
    return *this;
}

JsonText& JsonText::begin(char bracket, Form form) {
    separate();
    text_ += bracket;
    levels_.push_back({bracket == '{' ? '}' : ']', form});
    return *this;
}

JsonText& JsonText::raw(std::string_view text) {
    separate();
    text_ += text;
    return *this;
}

JsonText& JsonText::integer(std::int64_t number, bool is_unsigned) {
    separate();
    is_unsigned ? append_number(static_cast<std::uint64_t>(number), text_) : append_number(number, text_);
    return *this;
}

void JsonText::separate() {
    if (after_key_ || levels_.empty()) {
        after_key_ = false;
        return;
    }
    Level& level = levels_.back();
    if (!level.empty) text_ += level.form == Form::lines ? "," : ", ";
    level.empty = false;
    if (level.form == Form::lines) new_line();
}

void JsonText::new_line() {
    text_ += '\n';
    std::size_t depth = 0;
    for (const Level& level : levels_) depth += level.form == Form::lines ? 1 : 0;
    text_.append(depth * 2, ' ');
}

}  // namespace torque
