#include "loader/line_words.h"

#include <algorithm>

#include "base/parse.h"

namespace torque::loader {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// The next word at or behind `at`, which then stands behind it; empty at the end.
std::string_view next_word(std::string_view line, std::size_t& at) {
    while (at < line.size() && is_blank(line[at])) ++at;
    const std::size_t begin = at;
    bool is_quoted = false;
    for (; at < line.size() && (is_quoted || !is_blank(line[at])); ++at) {
        if (line[at] == '"') is_quoted = !is_quoted;
    }
    return line.substr(begin, at - begin);
}

std::string name_of(std::string_view word) {
    std::string name(word.substr(0, word.find('=')));
    std::erase(name, '"');
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

}  // namespace

std::vector<LineWord> line_words(std::string_view line) {
    std::vector<LineWord> words;
    std::size_t at = 0;
    for (;;) {
        const std::string_view word = next_word(line, at);
        if (word.empty() || word == "--") return words;
        words.push_back({word, name_of(word)});
    }
}

std::string with_words(std::string_view line, const IsDropped& is_dropped, std::string_view added) {
    const std::vector<LineWord> words = line_words(line);
    const std::size_t end = words.empty() ? 0
                                          : static_cast<std::size_t>(words.back().text.data() - line.data()) +
                                                words.back().text.size();
    std::string out;
    std::size_t copied = 0;
    for (const LineWord& word : words) {
        if (!is_dropped(word.name)) continue;
        const auto begin = static_cast<std::size_t>(word.text.data() - line.data());
        out += line.substr(copied, begin - copied);
        copied = begin + word.text.size();
        if (copied < line.size() && is_blank(line[copied])) ++copied;  // the blank behind it goes with it
    }
    if (copied < end) out += line.substr(copied, end - copied);
    if (!added.empty()) {
        if (!out.empty() && !is_blank(out.back())) out += ' ';
        out += added;
    } else {
        while (!out.empty() && out.back() == ' ') out.pop_back();
    }
    const std::string_view rest = trim_space(line.substr(std::max(end, copied)));
    return rest.empty() ? out : out + ' ' + std::string(rest);
}

}  // namespace torque::loader
