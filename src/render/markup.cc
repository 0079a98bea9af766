#include "render/markup.h"

#include "render/compact.h"

namespace torque {

std::string markup(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '&') {
            out += "&amp;";
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else if (c == '"') {
            out += "&quot;";
        } else if (c == '\'') {
            out += "&#39;";
        } else {
            out += byte < 0x20 || byte == 0x7F ? '?' : c;
        }
    }
    return out;
}

std::string script_string(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            (out += '\\') += c;
        } else if (c == '<' || byte < 0x20) {
            constexpr std::string_view kHex = "0123456789abcdef";
            ((out += "\\u00") += kHex[byte >> 4]) += kHex[byte & 15];
        } else {
            out += c;
        }
    }
    return out + '"';
}

const char* kind_class(BoxKind kind) {
    static constexpr const char* kNames[] = {"machine", "place", "cache", "core", "cpu", "memory", "offline"};
    return kNames[static_cast<std::size_t>(kind)];
}

const char* tone_class(Tone tone) {
    static constexpr const char* kNames[] = {"",      "strong", "faint",  "place",  "cache",
                                             "place", "place",  "notice", "notice", "strong"};
    return kNames[static_cast<std::size_t>(tone)];
}

std::string counted_cpus(const CpuSet& cpus) {
    constexpr int kListMax = 48;
    const std::string list = list_text(cpus, glyphs({}), kListMax);
    return count_text(cpus.count(), "CPU") + (columns(list) <= kListMax ? " (" + list + ")" : "");
}

}  // namespace torque
