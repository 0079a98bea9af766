#include "tune/boot_words.h"

namespace torque::tune {
namespace {

// The kernel's isspace(), which knows the no-break space of Latin 1.
bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == '\xa0';
}

// Where the word that begins at `begin` ends, and where its "=" is (npos: nowhere). An "=" as first character
// is none.
struct Extent {
    std::size_t end = 0, equals = std::string_view::npos;
};

Extent extent_of(std::string_view line, std::size_t begin, bool in_quotes) {
    Extent extent;
    for (extent.end = begin; extent.end < line.size(); ++extent.end) {
        const char c = line[extent.end];
        if (is_space(c) && !in_quotes) break;
        if (c == '=' && extent.equals == line.npos && extent.end > begin) extent.equals = extent.end;
        if (c == '"') in_quotes = !in_quotes;
    }
    return extent;
}

BootWord word_at(std::string_view line, std::size_t offset) {
    const bool quoted = line[offset] == '"';
    const std::size_t begin = offset + (quoted ? 1 : 0);
    const Extent extent = extent_of(line, begin, quoted);
    BootWord word;
    word.offset = offset;
    word.length = extent.end - offset;
    std::string_view text = line.substr(begin, extent.end - begin);
    const auto drop_last_quote = [](std::string_view& from) {
        if (from.ends_with('"')) from.remove_suffix(1);
    };
    if (extent.equals == line.npos) {
        if (quoted) drop_last_quote(text);
        word.name = text;
        return word;
    }
    word.name = text.substr(0, extent.equals - begin);
    std::string_view value = text.substr(extent.equals - begin + 1);
    const bool value_quoted = value.starts_with('"');
    if (value_quoted) value.remove_prefix(1);
    if (value_quoted || quoted) drop_last_quote(value);
    word.value = value;
    return word;
}

}  // namespace

std::vector<BootWord> boot_words(std::string_view line) {
    line = line.substr(0, line.find('\0'));
    std::vector<BootWord> words;
    bool for_init = false;
    for (std::size_t at = 0; at < line.size();) {
        if (is_space(line[at])) {
            ++at;
            continue;
        }
        BootWord word = word_at(line, at);
        at = word.offset + word.length;
        if (!for_init && word.name == "--" && !word.value) {
            for_init = true;
            continue;
        }
        word.for_init = for_init;
        words.push_back(std::move(word));
    }
    return words;
}

std::string canonical_name(std::string_view name) {
    std::string out(name);
    for (char& c : out) {
        if (c == '-') c = '_';
    }
    return out;
}

std::string plain_text(const BootWord& word) {
    return word.value ? word.name + '=' + *word.value : word.name;
}

}  // namespace torque::tune
