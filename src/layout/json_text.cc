#include "layout/json_text.h"

#include <algorithm>
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

}  // namespace

JsonText& JsonText::end() {
    const Level ended = level_;
    level_ = outer_.back();
    outer_.pop_back();
    if (ended.form == Form::lines && !ended.empty) new_line();
    put({&ended.end, 1});
    if (outer_.empty()) put("\n");
    return *this;
}

JsonText& JsonText::key(std::string_view name) {
    separate();
    put("\"");
    put(name);
    put("\": ");
    after_key_ = true;
    return *this;
}

JsonText& JsonText::value(std::string_view text) {
    separate();
    put("\"");
    while (!text.empty()) {
        const auto plain =
            static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_plain) - text.begin());
        put(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;
        std::string escaped;
        text.remove_prefix(append_character(text, escaped));
        put(escaped);
    }
    put("\"");
    return *this;
}

JsonText& JsonText::value(const CpuSet& cpus) {
    separate();
    put("\"");
    put(cpus.list());
    put("\"");
    return *this;
}

template <class Number>
JsonText& JsonText::number(Number number) {
    constexpr std::size_t kDigitsMax = 32;
    separate();
    char* const at = room(kDigitsMax);
    used_ += static_cast<std::size_t>(std::to_chars(at, at + kDigitsMax, number).ptr - at);
    return *this;
}

JsonText& JsonText::value(double value) {
    return number(value);
}

JsonText& JsonText::integer(std::int64_t value, bool is_unsigned) {
    return is_unsigned ? number(static_cast<std::uint64_t>(value)) : number(value);
}

JsonText& JsonText::begin(char bracket, Form form) {
    separate();
    put({&bracket, 1});
    outer_.push_back(level_);
    const std::size_t deeper = form == Form::lines ? 2 : 0;
    level_ = {bracket == '{' ? '}' : ']', form, level_.indent + deeper};
    return *this;
}

JsonText& JsonText::raw(std::string_view text) {
    separate();
    put(text);
    return *this;
}

void JsonText::separate() {
    if (after_key_ || outer_.empty()) {
        after_key_ = false;
        return;
    }
    if (level_.form == Form::lines) {
        if (!level_.empty) put(",");
        new_line();
    } else if (!level_.empty) {
        put(", ");
    }
    level_.empty = false;
}

void JsonText::new_line() {
    put("\n");
    std::memset(room(level_.indent), ' ', level_.indent);
    used_ += level_.indent;
}

}  // namespace torque
