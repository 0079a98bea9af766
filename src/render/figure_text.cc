#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "render/figure.h"
#include "render/figure_table.h"
#include "render/scale.h"

namespace torque {
namespace {

constexpr int kHeight = 14;  // lines of a plot
constexpr int kWidthMax = 110;
constexpr Tone kTones[Plot::kSeriesMax] = {Tone::strong, Tone::notice, Tone::cache, Tone::fast_core,
                                           Tone::slow_core};
constexpr std::string_view kLetters = "*+ox#";  // of series, in ASCII

std::string spaces(int count) {
    return std::string(static_cast<std::size_t>(std::max(count, 0)), ' ');
}

std::string right(const std::string& text, int width) {
    return spaces(width - columns(text)) + text;
}

struct Extent {
    double low = std::numeric_limits<double>::max(), high = 0;
    void take(double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
};

// The bytes of a code point below U+10000.
std::string utf8(unsigned code) {
    return {static_cast<char>(0xE0 | (code >> 12)), static_cast<char>(0x80 | ((code >> 6) & 0x3F)),
            static_cast<char>(0x80 | (code & 0x3F))};
}

// Characters of two by four dots each (braille, U+2800), or of one.
class Canvas {
  public:
    Canvas(int width, int height, bool is_fine) : width_(width), height_(height), is_fine_(is_fine) {
        cells_.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
    }

    int dots_wide() const { return width_ * (is_fine_ ? 2 : 1); }
    int dots_high() const { return height_ * (is_fine_ ? 4 : 1); }

    void dot(int x, int y, std::size_t series) {
        if (x < 0 || y < 0 || x >= dots_wide() || y >= dots_high()) return;
        Cell& cell = at(is_fine_ ? x / 2 : x, is_fine_ ? y / 4 : y);
        // Dots 1 to 8 of a braille pattern by column and line.
        constexpr unsigned kBits[2][4] = {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}};
        cell.bits |= is_fine_ ? kBits[x % 2][y % 4] : 1;
        cell.series = std::min(cell.series, series);
    }
    void upright(int x) {
        for (int y = 0; y < height_; ++y) at(x, y).is_mark = true;
    }

    Line line(int y, bool unicode) const {
        Line out;
        for (int x = 0; x < width_; ++x) {
            const Cell& cell = cells_[index(x, y)];
            Span span{" ", Tone::plain};
            if (cell.bits != 0) {
                span = {is_fine_ ? utf8(0x2800 + cell.bits) : std::string(1, kLetters[cell.series]),
                        kTones[cell.series]};
            } else if (cell.is_mark) {
                span = {unicode ? "┊" : ":", Tone::faint};
            }
            if (!out.empty() && out.back().tone == span.tone) {
                out.back().text += span.text;
            } else {
                out.push_back(span);
            }
        }
        return out;
    }

  private:
    struct Cell {
        unsigned bits = 0;
        std::size_t series = kLetters.size() - 1;
        bool is_mark = false;
    };
    std::size_t index(int x, int y) const {
        return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x);
    }
    Cell& at(int x, int y) { return cells_[index(x, y)]; }

    int width_, height_;
    bool is_fine_;
    std::vector<Cell> cells_;
};

// The y of a curve at x, between its dots by their logarithms.
double between(const Series& series, double x) {
    const auto after = std::find_if(series.dots.begin(), series.dots.end(),
                                    [&](const Series::Dot& dot) { return dot.x >= x; });
    if (after == series.dots.begin()) return after->y;
    const auto before = std::prev(after);
    const double share = std::log(x / before->x) / std::log(after->x / before->x);
    return before->y * std::pow(after->y / before->y, share);
}

void draw(Canvas& canvas, const Series& series, std::size_t number, const Scale& across, const Scale& up) {
    if (series.dots.empty()) return;
    int last = -1;
    for (int x = 0; x < canvas.dots_wide(); ++x) {
        const double value = across.value((x + 0.5) / canvas.dots_wide());
        if (value < series.dots.front().x || value > series.dots.back().x) continue;
        const double place = std::clamp(up.place(between(series, value)), 0.0, 1.0);
        const int y = static_cast<int>(std::lround((1 - place) * (canvas.dots_high() - 1)));
        const int from = last < 0 ? y : std::min(last + (y > last ? 1 : 0), y),
                  to = last < 0 ? y : std::max(last, y);
        for (int at = from; at <= to; ++at) canvas.dot(x, at, number);
        last = y;
    }
}

// Labels where they fit between their neighbours, centred below their places.
Line labels(const std::vector<Tick>& ticks, int width) {
    std::string out = spaces(width);
    int free = 0;
    for (const Tick& tick : ticks) {
        const int length = columns(tick.label);
        const int centred = static_cast<int>(std::lround(tick.at * (width - 1))) - length / 2;
        const int at = std::max(std::min(centred, width - length), 0);
        if (at < free || at + length > width) continue;
        out.replace(static_cast<std::size_t>(at), tick.label.size(), tick.label);
        free = at + length + 1;
    }
    return text(out, Tone::faint);
}

void put_rows(Page& page, const Canvas& canvas, const Scale& up, int margin) {
    const std::vector<Tick> ticks = up.ticks(kHeight / 2);
    for (int y = 0; y < kHeight; ++y) {
        std::string label;
        for (const Tick& tick : ticks) {
            if (static_cast<int>(std::lround((1 - tick.at) * (kHeight - 1))) == y) label = tick.label;
        }
        const bool has = !label.empty();
        Line line{{right(label, margin - 1), Tone::faint},
                  {page.style.unicode ? (has ? "┤" : "│") : (has ? "+" : "|"), Tone::faint}};
        const Line drawn = canvas.line(y, page.style.unicode);
        line.insert(line.end(), drawn.begin(), drawn.end());
        page.put(line);
    }
}

void put(Page& page, const Plot& plot) {
    Extent x, y;
    for (const Series& series : plot.series) {
        for (const Series::Dot& dot : series.dots) {
            x.take(dot.x);
            y.take(dot.y);
        }
    }
    page.section(plot.title);
    if (y.high <= 0) {
        page.put(text("  nothing was measured", Tone::notice));
        return;
    }
    constexpr int kMargin = 8;
    const int width = std::min(page.width, kWidthMax) - kMargin - 1;
    const Scale across(plot.x, x.low, x.high, false), up(plot.y, y.low, y.high, true);
    Canvas canvas(width, kHeight, page.style.unicode);
    std::vector<Tick> marks;  // those in what was measured
    for (const Plot::Mark& mark : plot.marks) {
        const double place = across.place(mark.x);
        if (place < 0 || place > 1) continue;
        canvas.upright(static_cast<int>(std::lround(place * (width - 1))));
        marks.push_back({place, mark.label});
    }
    const std::size_t count = std::min(plot.series.size(), Plot::kSeriesMax);
    for (std::size_t i = count; i-- > 0;) draw(canvas, plot.series[i], i, across, up);
    Line above{{right(plot.y_title, kMargin - 1) + " "}};
    for (Span& span : above) span.tone = Tone::faint;
    for (const Span& span : labels(marks, width)) above.push_back(span);
    page.put(above);
    put_rows(page, canvas, up, kMargin);
    Line below{{spaces(kMargin)}};
    for (const Span& span : labels(across.ticks(static_cast<std::size_t>(width) / 7), width))
        below.push_back(span);
    page.put(below);
    Line legend;
    for (std::size_t i = 0; i < count; ++i) {
        legend.push_back({i == 0 ? "" : "   "});
        legend.push_back({page.style.unicode ? "━━" : std::string(2, kLetters[i]), kTones[i]});
        legend.push_back({" " + plot.series[i].name, Tone::plain});
    }
    legend.push_back({"   over " + plot.x_title, Tone::faint});
    page.put_wrapped(text(spaces(kMargin)), text(spaces(kMargin)), legend);
}

}  // namespace

void put_figure(Page& page, const Figure& figure) {
    if (const auto* plot = std::get_if<Plot>(&figure)) put(page, *plot);
    if (const auto* map = std::get_if<HeatMap>(&figure)) put_heat(page, *map);
    if (const auto* bars = std::get_if<Bars>(&figure)) put_bars(page, *bars);
    if (const auto* changes = std::get_if<BeforeAfter>(&figure)) put_changes(page, *changes);
}

}  // namespace torque
