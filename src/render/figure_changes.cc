#include <algorithm>
#include <limits>

#include "render/figure_svg.h"
#include "render/markup.h"
#include "render/scale.h"

namespace torque {
namespace {

constexpr double kWidth = 900, kTop = 56, kRow = 18, kRight = 24;
constexpr double kZero = 28;     // left of the axis, which has no place for it
constexpr double kLetter = 6.6;  // about as wide as a letter of 12 pixels
constexpr const char* kVerdicts[] = {"alike", "better", "worse"};

std::string classes(const std::string& name) {
    return "class=\"" + name + "\"";
}

std::string circle(double x, double y, double radius, const std::string& name) {
    return "<circle cx=\"" + svg::number(x) + "\" cy=\"" + svg::number(y) + "\" r=\"" + svg::number(radius) +
           "\" " + classes(name) + "/>\n";
}

struct Frame {
    double left, top, bottom;
    const Scale& across;

    double begin() const { return left + kZero; }
    double end(double x) const { return x + kWidth - kRight; }
    double x(double value, double from) const {
        return value <= 0 ? left : begin() + across.place(value) * (end(from) - begin());
    }
};

void draw_axis(const Frame& frame, double x, const std::string& title, std::string& out) {
    const char* const kMiddle = "text-anchor=\"middle\" class=\"faint\"";
    const auto upright = [&](double at, const std::string& label) {
        out += svg::line(at, frame.top, at, frame.bottom, classes("grid"));
        out += svg::text(at, frame.bottom + 16, label, kMiddle);
    };
    upright(frame.left, "0");
    for (const Tick& tick : frame.across.ticks(14))
        upright(frame.begin() + tick.at * (frame.end(x) - frame.begin()), tick.label);
    out += svg::text((frame.begin() + frame.end(x)) / 2, frame.bottom + 34, title, kMiddle);
}

void draw_legend(const BeforeAfter& changes, double x, double y, std::string& out) {
    struct Entry {
        const char* circle;
        std::string word;
    };
    double at = x + 6;
    for (const Entry& entry : {Entry{"was", "before"}, Entry{"better", "after: " + changes.better},
                               Entry{"worse", "after: " + changes.worse}, Entry{"alike", "after: alike"}}) {
        out += circle(at, y - 4, 4, entry.circle) + svg::text(at + 10, y, entry.word);
        at += 10 + kLetter * static_cast<double>(entry.word.size()) + 20;
    }
}

void draw_row(const BeforeAfter& changes, const BeforeAfter::Row& row, const Frame& frame, double x, double y,
              std::string& out) {
    const std::string verdict = kVerdicts[static_cast<std::size_t>(row.verdict)];
    const double before = frame.x(row.before, x), after = frame.x(row.after, x);
    out += svg::text(frame.left - 12, y + 4, row.name, "text-anchor=\"end\" class=\"faint\"");
    out += "<g><title>" +
           markup(changes.row_title + " " + row.name + ": " + quantity_text(changes.x, row.before) +
                  " before, " + quantity_text(changes.x, row.after) + " after") +
           "</title>\n";
    out += svg::line(before, y, after, y, classes("way " + verdict));
    out += circle(before, y, 3.5, "was") + circle(after, y, 4.5, verdict) + "</g>\n";
}

}  // namespace

FigureSize draw_changes(const BeforeAfter& changes, double x, double y, std::string& out) {
    const std::size_t count = std::min(changes.rows.size(), BeforeAfter::kRowsMax);
    double low = std::numeric_limits<double>::max(), high = 0;
    std::size_t longest = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const BeforeAfter::Row& row = changes.rows[i];
        for (const double value : {row.before, row.after}) {
            if (value > 0) low = std::min(low, value);
            high = std::max(high, value);
        }
        longest = std::max(longest, row.name.size());
    }
    const bool is_cut = count < changes.rows.size();
    out += svg::text(x, y + 14,
                     changes.title + (is_cut ? ", the first " + std::to_string(count) : std::string()),
                     classes("head"));
    if (count == 0) return {kWidth, 24};
    const Scale across(changes.x, high > 0 ? low : 1, high > 0 ? high : 1, true);
    const double top = y + kTop;
    const Frame frame{x + kLetter * static_cast<double>(longest) + 28, top,
                      top + kRow * static_cast<double>(count), across};
    draw_legend(changes, x, y + 38, out);
    draw_axis(frame, x, changes.x_title, out);
    for (std::size_t i = 0; i < count; ++i)
        draw_row(changes, changes.rows[i], frame, x, top + kRow * (static_cast<double>(i) + 0.5), out);
    return {kWidth, frame.bottom + 44 - y};
}

}  // namespace torque
