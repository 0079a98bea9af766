#include "render/text.h"

#include <algorithm>

#include "base/parse.h"

namespace torque {
namespace {

constexpr int kWidthMin = 40;
constexpr std::string_view kIndent = "  ";

constexpr Glyphs kUnicode = {"├─ ", "└─ ", "│  ", "   ", "×", "·", "…", "–", "→"};
constexpr Glyphs kAscii = {"|- ", "`- ", "|  ", "   ", "x", "|", "..", "-", "->"};

// Select Graphic Rendition codes of ECMA-48, by Tone.
constexpr std::string_view kCodes[] = {"", "1", "2", "1", "36", "32", "34", "33", "31", "1;7"};

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

Line padded(Line line, int width, bool right) {
    const int missing = width - columns(line);
    if (missing <= 0) return line;
    Span space{std::string(static_cast<std::size_t>(missing), ' ')};
    line.insert(right ? line.begin() : line.end(), std::move(space));
    return line;
}

// A piece of a line that is not broken. Pieces that no space parts may still lie on different lines.
struct Word {
    Span span;
    bool space_before = false;
};

// Ends of the pieces that a word too wide for a line is cut into: after commas.
void add_pieces(const Span& word, bool space_before, int width, std::vector<Word>& out) {
    std::string_view rest = word.text;
    while (columns(rest) > width) {
        std::size_t cut = rest.npos;
        for (std::size_t at = rest.find(','); at != rest.npos; at = rest.find(',', at + 1)) {
            if (cut != rest.npos && columns(rest.substr(0, at + 1)) > width) break;
            cut = at + 1;
        }
        if (cut == rest.npos || cut == rest.size()) break;
        out.push_back({{std::string(rest.substr(0, cut)), word.tone}, space_before});
        space_before = false;
        rest.remove_prefix(cut);
    }
    out.push_back({{std::string(rest), word.tone}, space_before});
}

std::vector<Word> words_of(const Line& line, int width) {
    std::vector<Word> out;
    bool space = false;
    for (const Span& span : line) {
        std::string_view rest = span.text;
        while (!rest.empty()) {
            if (rest.front() == ' ') {
                space = true;
                rest.remove_prefix(1);
                continue;
            }
            const std::size_t end = std::min(rest.find(' '), rest.size());
            add_pieces({std::string(rest.substr(0, end)), span.tone}, space, width, out);
            space = false;
            rest.remove_prefix(end);
        }
    }
    return out;
}

void append(Line& line, std::string_view text, Tone tone) {
    if (!line.empty() && line.back().tone == tone) {
        line.back().text += text;
    } else {
        line.push_back({std::string(text), tone});
    }
}

constexpr int kColumnGap = 2;

struct TableColumn {
    std::size_t index = 0;  // in a row
    int width = 0;
    Column column;
};

int table_width(const std::vector<TableColumn>& shown) {
    int sum = columns(kIndent);
    for (const TableColumn& own : shown) sum += own.width + (&own == &shown.front() ? 0 : kColumnGap);
    return sum;
}

// The columns that have something to show, as wide as their entries where that fits.
std::vector<TableColumn> fit(const Page& page, const std::vector<Column>& all,
                             const std::vector<std::vector<Line>>& rows) {
    constexpr int kFlexibleMin = 8;
    std::vector<TableColumn> shown;
    for (std::size_t i = 0; i < all.size(); ++i) {
        int widest = 0;
        bool is_blank = true;
        for (const auto& row : rows) {
            widest = std::max(widest, columns(row[i]));
            for (const Span& span : row[i])
                is_blank = is_blank && (span.text.empty() || span.text == page.glyph.none);
        }
        if (!is_blank) shown.push_back({i, std::max(widest, columns(all[i].title)), all[i]});
    }
    for (int excess; (excess = table_width(shown) - page.width) > 0;) {
        TableColumn* widest = nullptr;
        for (TableColumn& own : shown) {
            const bool shrinks = own.column.flexible && own.width > kFlexibleMin;
            if (shrinks && (widest == nullptr || own.width > widest->width)) widest = &own;
        }
        if (widest != nullptr) {
            int second = kFlexibleMin;
            for (const TableColumn& own : shown) {
                if (own.column.flexible && &own != widest) second = std::max(second, own.width - 1);
            }
            widest->width = std::max(widest->width - excess, std::min(second, widest->width - 1));
            continue;
        }
        const auto last =
            std::find_if(shown.rbegin(), shown.rend(), [](const auto& own) { return own.column.optional; });
        if (last == shown.rend()) break;
        shown.erase(std::next(last).base());
    }
    return shown;
}

void put_row(Page& page, const std::vector<TableColumn>& shown, const std::vector<Line>& row) {
    std::vector<std::vector<Line>> cells;
    std::size_t height = 1;
    for (const TableColumn& own : shown) {
        const Line& cell = row[own.index];
        cells.push_back(own.column.flexible ? wrap(cell, own.width) : std::vector<Line>{cell});
        height = std::max(height, cells.back().size());
    }
    for (std::size_t k = 0; k < height; ++k) {
        Line line{{std::string(kIndent)}};
        for (std::size_t i = 0; i < shown.size(); ++i) {
            if (i > 0) line.push_back({std::string(kColumnGap, ' ')});
            Line cell =
                padded(k < cells[i].size() ? cells[i][k] : Line{}, shown[i].width, shown[i].column.right);
            line.insert(line.end(), cell.begin(), cell.end());
        }
        page.put(line);
    }
}

}  // namespace

const Glyphs& glyphs(const TreeStyle& style) {
    return style.unicode ? kUnicode : kAscii;
}

int columns(std::string_view text) {
    return static_cast<int>(
        std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

int columns(const Line& line) {
    int sum = 0;
    for (const Span& span : line) sum += columns(span.text);
    return sum;
}

std::vector<Line> wrap(const Line& line, int width) {
    if (columns(line) <= width) return {line};  // keeps runs of spaces
    std::vector<Line> out(1);
    int used = 0;
    const std::vector<Word> words = words_of(line, width);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const Word& word = words[i];
        const int space = word.space_before && used > 0 ? 1 : 0;
        const int needed = columns(word.span.text);
        // What stands close behind it comes along: a comma of another tone begins no line.
        int together = needed;
        for (std::size_t k = i + 1; k < words.size() && !words[k].space_before; ++k)
            together += columns(words[k].span.text);
        const int looked_at = (i == 0 || word.space_before) && together <= width ? together : needed;
        if (used > 0 && used + space + looked_at > width) {
            out.emplace_back();
            used = 0;
        } else if (space != 0) {
            append(out.back(), " ", word.span.tone);
            ++used;
        }
        append(out.back(), word.span.text, word.span.tone);
        used += needed;
    }
    return out;
}

Page::Page(const TreeStyle& wanted)
    : style(wanted), glyph(glyphs(wanted)), width(std::max(wanted.width, kWidthMin)) {}

void Page::put(const Line& line) {
    std::size_t last = line.size();
    while (last > 0 && line[last - 1].text.find_last_not_of(' ') == std::string::npos) --last;
    for (std::size_t i = 0; i < last; ++i) {
        std::string_view text = line[i].text;
        if (i + 1 == last) text = text.substr(0, text.find_last_not_of(' ') + 1);
        const std::string_view code = kCodes[static_cast<std::size_t>(line[i].tone)];
        if (style.colour && !code.empty() && !text.empty()) {
            ((out += "\x1b[") += code) += 'm';
            (out += text) += "\x1b[0m";
        } else {
            out += text;
        }
    }
    out += '\n';
}

void Page::put_wrapped(const Line& first, const Line& rest, const Line& line) {
    const int room = width - std::max(columns(first), columns(rest));
    bool is_first = true;
    for (const Line& part : wrap(line, std::max(room, 1))) {
        Line whole = is_first ? first : rest;
        whole.insert(whole.end(), part.begin(), part.end());
        put(whole);
        is_first = false;
    }
}

void Page::section(std::string_view title) {
    put({});
    put({{std::string(title), Tone::strong}});
}

void put_table(Page& page, const std::vector<Column>& all, const std::vector<std::vector<Line>>& rows) {
    const std::vector<TableColumn> shown = fit(page, all, rows);
    std::vector<Line> titles;
    bool titled = false;
    for (const Column& column : all) {
        titles.push_back({{std::string(column.title), Tone::faint}});
        titled = titled || !column.title.empty();
    }
    if (titled) put_row(page, shown, titles);
    for (const auto& row : rows) put_row(page, shown, row);
}

Line joined(const std::vector<Span>& parts, const Glyphs& glyph) {
    Line out;
    for (const Span& part : parts) {
        if (part.text.empty()) continue;
        if (!out.empty()) out.push_back({" " + std::string(glyph.dot) + " ", Tone::faint});
        out.push_back(part);
    }
    return out;
}

std::string clean(std::string_view text) {
    std::string out;
    for (char c : printable(trim_space(text), text.npos)) {
        if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
    }
    return out;
}

}  // namespace torque
