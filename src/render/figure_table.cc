#include "render/figure_table.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "render/scale.h"

namespace torque {
namespace {

constexpr int kMarginMax = 12;
constexpr int kGap = 1;
// From what is near to what is far.
constexpr Tone kTones[] = {Tone::fast_core, Tone::cache, Tone::plain, Tone::notice, Tone::problem};
constexpr std::string_view kShades[] = {"·", "░", "▒", "▓", "█"};
constexpr std::string_view kAsciiShades[] = {".", "-", "+", "%", "#"};
constexpr std::size_t kSteps = std::size(kTones);

std::string padded(const std::string& text, int width) {
    return std::string(static_cast<std::size_t>(std::max(width - columns(text), 0)), ' ') + text;
}

std::size_t step_of(double place) {
    return std::min(static_cast<std::size_t>(std::clamp(place, 0.0, 1.0) * kSteps), kSteps - 1);
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

std::vector<std::string> names_of(const std::vector<std::string>& names, std::size_t side) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < names.size(); i += side) {
        const std::size_t last = std::min(i + side, names.size()) - 1;
        out.push_back(last == i ? names[i] : names[i] + "-" + names[last]);
    }
    return out;
}

bool is_break(const HeatMap& map, std::size_t at) {
    return std::count(map.breaks.begin(), map.breaks.end(), at) > 0;
}

std::string cell_text(const HeatMap& map, std::size_t row, std::size_t column, std::string_view none) {
    const auto value = map.at(row, column);
    return value ? quantity_text(Quantity::count, *value) : std::string(none);
}

int widest(const std::vector<std::string>& names) {
    int most = 0;
    for (const std::string& name : names) most = std::max(most, columns(name));
    return most;
}

// Numbers, each as wide as the widest.
void put_numbers(Page& page, const HeatMap& map, const HeatScale& scale, int margin, int cell) {
    Line titles{{padded("", margin)}};
    for (const std::string& name : map.columns) titles.push_back({padded(name, cell + kGap), Tone::faint});
    page.put(titles);
    for (std::size_t row = 0; row < map.rows.size(); ++row) {
        if (row > 0 && is_break(map, row)) page.put({});
        Line line{{padded(map.rows[row], margin), Tone::faint}};
        for (std::size_t column = 0; column < map.columns.size(); ++column) {
            const auto value = map.at(row, column);
            const Tone tone = value ? kTones[step_of(scale.place(*value))] : Tone::faint;
            line.push_back({padded(cell_text(map, row, column, page.glyph.none), cell + kGap), tone});
        }
        page.put(line);
    }
}

// A shade for each value, two characters wide where there is room: about as high.
void put_shades(Page& page, const HeatMap& map, const HeatScale& scale, int margin) {
    const bool is_wide = margin + 1 + 2 * static_cast<int>(map.columns.size()) <= page.width;
    for (std::size_t row = 0; row < map.rows.size(); ++row) {
        Line line{{padded(map.rows[row], margin) + " ", Tone::faint}};
        for (std::size_t column = 0; column < map.columns.size(); ++column) {
            Span span{" ", Tone::plain};
            if (const auto value = map.at(row, column)) {
                const std::size_t step = step_of(scale.place(*value));
                span = {std::string(page.style.unicode ? kShades[step] : kAsciiShades[step]), kTones[step]};
            }
            if (is_wide) span.text += span.text;
            line.push_back(span);
        }
        page.put(line);
    }
    Line legend{{padded("", margin + 1)}};
    for (std::size_t step = 0; step < kSteps; ++step) {
        const double place = (static_cast<double>(step) + 0.5) / kSteps;
        legend.push_back(
            {std::string(page.style.unicode ? kShades[step] : kAsciiShades[step]) + " ", kTones[step]});
        legend.push_back({quantity_text(Quantity::count, scale.value(place)) + "  ", Tone::faint});
    }
    legend.push_back({map.unit, Tone::faint});
    page.put(legend);
}

}  // namespace

HeatScale::HeatScale(const HeatMap& map) {
    low_ = std::numeric_limits<double>::max();
    for (const auto& value : map.values) {
        if (!value) continue;
        low_ = std::min(low_, std::max(*value, 1e-3));
        high_ = std::max(high_, *value);
    }
    if (map.low > 0) low_ = std::min(low_, map.low);
    high_ = std::max(high_, map.high);
    low_ = std::min(low_, high_);
}

double HeatScale::ratio() const {
    constexpr double kLeastRatio = 1.5;
    return low_ <= 0 ? kLeastRatio : std::max(high_ / low_, kLeastRatio);
}

double HeatScale::place(double value) const {
    return value <= low_ || low_ <= 0 ? 0 : std::log(value / low_) / std::log(ratio());
}

double HeatScale::value(double place) const {
    return low_ * std::pow(ratio(), place);
}

HeatMap made_smaller(const HeatMap& map, std::size_t side_max) {
    const std::size_t most = std::max(map.rows.size(), map.columns.size());
    const std::size_t side = (most + side_max - 1) / std::max<std::size_t>(side_max, 1);
    if (side <= 1) return map;
    HeatMap out = map;
    out.rows = names_of(map.rows, side);
    out.columns = names_of(map.columns, side);
    out.values.clear();
    out.breaks.clear();
    for (const std::size_t at : map.breaks) {
        if (at % side == 0) out.breaks.push_back(at / side);
    }
    for (std::size_t row = 0; row < map.rows.size(); row += side) {
        for (std::size_t column = 0; column < map.columns.size(); column += side) {
            std::vector<double> values;
            for (std::size_t r = row; r < std::min(row + side, map.rows.size()); ++r) {
                for (std::size_t c = column; c < std::min(column + side, map.columns.size()); ++c) {
                    if (const auto value = map.at(r, c)) values.push_back(*value);
                }
            }
            out.values.push_back(values.empty() ? std::nullopt : std::optional(median(values)));
        }
    }
    return out;
}

std::string heat_caption(const HeatMap& map) {
    return map.row_title + " of the row, " + map.column_title + " of the column, in " + map.unit;
}

void put_heat(Page& page, const HeatMap& given) {
    if (given.values.size() < 2) return;  // one value needs no map
    page.section(given.title);
    int cell = widest(given.columns);
    for (std::size_t i = 0; i < given.values.size(); ++i) {
        cell = std::max(cell, columns(cell_text(given, i / given.columns.size(), i % given.columns.size(),
                                                page.glyph.none)));
    }
    const int margin = std::min(widest(given.rows), kMarginMax) + 2;
    page.put(text("  " + heat_caption(given), Tone::faint));
    if (margin + static_cast<int>(given.columns.size()) * (cell + kGap) <= page.width) {
        put_numbers(page, given, HeatScale(given), margin, cell);
        return;
    }
    const HeatMap map = made_smaller(given, static_cast<std::size_t>(page.width - kMarginMax - 3));
    put_shades(page, map, HeatScale(map), std::min(widest(map.rows), kMarginMax) + 2);
}

void put_bars(Page& page, const Bars& bars) {
    page.section(bars.title);
    double most = 0;
    int label = 0, count = 0;
    const auto range = [&](const Bars::Bar& bar) {
        return quantity_text(bars.x, bar.from) + " - " + quantity_text(bars.x, bar.to);
    };
    for (const Bars::Bar& bar : bars.bars) {
        most = std::max(most, bar.count);
        label = std::max(label, columns(range(bar)));
        count = std::max(count, columns(quantity_text(Quantity::count, bar.count)));
    }
    const int room = std::max(page.width - label - count - 6, 10);
    for (const Bars::Bar& bar : bars.bars) {
        const double share =
            bar.count > 0 ? (std::log2(bar.count) + 1) / (std::log2(std::max(most, 1.0)) + 1) : 0;
        const int length = static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * room));
        std::string drawn;
        for (int i = 0; i < length; ++i) drawn += page.style.unicode ? "▆" : "#";
        page.put({{"  " + padded(range(bar), label), Tone::faint},
                  {"  " + padded(quantity_text(Quantity::count, bar.count), count) + " "},
                  {drawn, Tone::cache}});
    }
}

void put_changes(Page& page, const BeforeAfter& changes) {
    constexpr Tone kVerdicts[] = {Tone::plain, Tone::chosen, Tone::problem};
    page.section(changes.title);
    std::vector<std::vector<Line>> rows;
    for (const BeforeAfter::Row& row : changes.rows) {
        const Tone tone = kVerdicts[static_cast<std::size_t>(row.verdict)];
        rows.push_back({text(row.name, Tone::place), text(quantity_text(changes.x, row.before)),
                        text(std::string(page.glyph.arrow), Tone::faint),
                        text(quantity_text(changes.x, row.after), tone)});
    }
    put_table(page, {{changes.row_title, true}, {changes.x_title, true}, {}, {"", true}}, rows);
}

}  // namespace torque
