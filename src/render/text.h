// Text in columns: spans with a tone, wrapping, tables, and the glyphs of a terminal.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "render/tree.h"

namespace torque {

// What a piece of text is; a terminal shows it as a colour.
enum class Tone { plain, strong, faint, place, cache, fast_core, slow_core, notice, problem, chosen };

struct Span {
    std::string text;
    Tone tone = Tone::plain;
};

using Line = std::vector<Span>;

inline Line text(std::string words, Tone tone = Tone::plain) {
    return {{std::move(words), tone}};
}

struct Glyphs {
    std::string_view branch, last, pipe, gap;  // of a tree, three columns each
    std::string_view times, dot, ellipsis, none, arrow;
};

const Glyphs& glyphs(const TreeStyle& style);

int columns(std::string_view text);  // that the text takes; every character of ours takes one
int columns(const Line& line);

// The lines of at most `width` columns that `line` fills, broken at spaces, and after commas where a word is
// wider than a line. Never empty.
std::vector<Line> wrap(const Line& line, int width);

// The text in the making. Lines lose their trailing spaces.
struct Page {
    explicit Page(const TreeStyle& style);

    void put(const Line& line);
    // `first` before the first line, `rest` before those that follow when `line` does not fit beside it.
    void put_wrapped(const Line& first, const Line& rest, const Line& line);
    // An empty line and a title.
    void section(std::string_view title);

    TreeStyle style;
    const Glyphs& glyph;
    int width;
    std::string out;
};

struct Column {
    std::string_view title;
    bool right = false;     // numbers
    bool flexible = false;  // wraps where the table is too wide; not a right one
    bool optional = false;  // left out where the table is too wide all the same
};

// Columns without a single entry, or with nothing but "not known", are left out.
void put_table(Page& page, const std::vector<Column>& columns, const std::vector<std::vector<Line>>& rows);

// The texts that are not empty, with a dot between them.
Line joined(const std::vector<Span>& parts, const Glyphs& glyph);

// Text from the machine: control and non-ASCII bytes escaped, runs of spaces made one.
std::string clean(std::string_view text);

}  // namespace torque
