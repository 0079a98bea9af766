#include "render/figure_svg.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include "render/markup.h"
#include "render/scale.h"

namespace torque {
namespace svg {

std::string number(double value) {
    char text[32];
    const int length = std::snprintf(text, sizeof text, "%.1f", value);
    std::string out(text, static_cast<std::size_t>(length));
    if (out.ends_with(".0")) out.resize(out.size() - 2);
    return out;
}

std::string rect(double x, double y, double width, double height, const std::string& words) {
    return "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(width) + "\" height=\"" +
           number(height) + "\" " + words;
}

std::string line(double x1, double y1, double x2, double y2, const std::string& words) {
    return "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "\" y2=\"" +
           number(y2) + "\" " + words + "/>\n";
}

std::string text(double x, double y, const std::string& content, const std::string& words) {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\"" + (words.empty() ? "" : " " + words) +
           ">" + markup(content) + "</text>\n";
}

}  // namespace svg

namespace {

constexpr double kWidth = 900, kLeft = 62, kTop = 44, kHeight = 320;  // of what is between the axes
constexpr double kRight = 16;
constexpr double kLetter = 6.6;  // about as wide as a letter of 12 pixels

const char* const kEnd = "text-anchor=\"end\" class=\"faint\"";
const char* const kMiddle = "text-anchor=\"middle\" class=\"faint\"";

struct Frame {
    double left, top, width, height;
    const Scale &across, &up;

    double x(double value) const { return left + across.place(value) * width; }
    double y(double value) const { return top + (1 - std::clamp(up.place(value), 0.0, 1.0)) * height; }
};

void draw_axes(const Frame& frame, const std::string& x_title, std::string& out) {
    const double bottom = frame.top + frame.height;
    for (const Tick& tick : frame.up.ticks(8)) {
        const double at = bottom - tick.at * frame.height;
        out += svg::line(frame.left, at, frame.left + frame.width, at, "class=\"grid\"");
        out += svg::text(frame.left - 6, at + 4, tick.label, kEnd);
    }
    for (const Tick& tick : frame.across.ticks(20)) {
        const double at = frame.left + tick.at * frame.width;
        out += svg::line(at, frame.top, at, bottom, "class=\"grid\"");
        out += svg::text(at, bottom + 16, tick.label, kMiddle);
    }
    out += svg::rect(frame.left, frame.top, frame.width, frame.height, "class=\"axes\"/>\n");
    out += svg::text(frame.left + frame.width / 2, bottom + 34, x_title, kMiddle);
}

void draw_marks(const Frame& frame, const Plot& plot, std::string& out) {
    double free = frame.left;
    for (const Plot::Mark& mark : plot.marks) {
        const double place = frame.across.place(mark.x);
        if (place < 0 || place > 1) continue;
        const double x = frame.left + place * frame.width;
        out += svg::line(x, frame.top, x, frame.top + frame.height, "class=\"mark\"");
        const double length = kLetter * static_cast<double>(mark.label.size());
        if (x - length / 2 < free) continue;
        out += svg::text(x, frame.top - 5, mark.label, "text-anchor=\"middle\" class=\"cache\"");
        free = x + length / 2 + kLetter;
    }
}

void draw_series(const Frame& frame, const Plot& plot, std::size_t number, std::string& out) {
    const Series& series = plot.series[number];
    const std::string of = "s" + std::to_string(number);
    std::string points, dots;
    for (const Series::Dot& dot : series.dots) {
        const std::string x = svg::number(frame.x(dot.x)), y = svg::number(frame.y(dot.y));
        points += (points.empty() ? "" : " ") + x + "," + y;
        dots += "<circle cx=\"" + x + "\" cy=\"" + y + "\" r=\"2.5\"><title>" +
                markup(series.name + ": " + quantity_text(plot.x, dot.x) + ", " +
                       quantity_text(plot.y, dot.y) + (plot.y == Quantity::ns ? " ns" : "")) +
                "</title></circle>\n";
    }
    out += "<polyline class=\"" + of + "\" points=\"" + points + "\"/>\n<g class=\"dots " + of + "\">\n" +
           dots + "</g>\n";
}

void draw_legend(const Frame& frame, const Plot& plot, std::size_t count, double y, std::string& out) {
    double x = frame.left;
    for (std::size_t i = 0; i < count; ++i) {
        out += svg::line(x, y - 4, x + 22, y - 4, "class=\"s" + std::to_string(i) + "\"");
        out += svg::text(x + 28, y, plot.series[i].name);
        x += 28 + kLetter * static_cast<double>(columns(plot.series[i].name)) + 20;
    }
}

}  // namespace

FigureSize draw_plot(const Plot& plot, double x, double y, std::string& out) {
    double x_low = std::numeric_limits<double>::max(), x_high = 0, y_low = x_low, y_high = 0;
    for (const Series& series : plot.series) {
        for (const Series::Dot& dot : series.dots) {
            x_low = std::min(x_low, dot.x);
            x_high = std::max(x_high, dot.x);
            y_low = std::min(y_low, dot.y);
            y_high = std::max(y_high, dot.y);
        }
    }
    out += svg::text(x, y + 14, plot.title, "class=\"head\"");
    if (y_high <= 0) return {kWidth, 24};
    const Scale across(plot.x, x_low, x_high, false), up(plot.y, y_low, y_high, true);
    const Frame frame{x + kLeft, y + kTop, kWidth - kLeft - kRight, kHeight, across, up};
    out += svg::text(x, y + kTop - 5, plot.y_title, "class=\"faint\"");
    draw_axes(frame, plot.x_title, out);
    draw_marks(frame, plot, out);
    const std::size_t count = std::min(plot.series.size(), Plot::kSeriesMax);
    for (std::size_t i = count; i-- > 0;) draw_series(frame, plot, i, out);
    const double below = y + kTop + kHeight + 56;
    draw_legend(frame, plot, count, below, out);
    return {kWidth, below + 12 - y};
}

FigureSize draw_bars(const Bars& bars, double x, double y, std::string& out) {
    out += svg::text(x, y + 14, bars.title, "class=\"head\"");
    double most = 0;
    for (const Bars::Bar& bar : bars.bars) most = std::max(most, bar.count);
    if (most <= 0) return {kWidth, 24};
    constexpr double kBarsHeight = 200;
    const Scale across(bars.x, bars.bars.front().from, bars.bars.back().to, false);
    const Scale up(Quantity::count, 0.5, most, true);
    const Frame frame{x + kLeft, y + kTop, kWidth - kLeft - kRight, kBarsHeight, across, up};
    out += svg::text(x, y + kTop - 12, bars.y_title, "class=\"faint\"");
    draw_axes(frame, bars.x_title, out);
    for (const Bars::Bar& bar : bars.bars) {
        if (bar.count <= 0) continue;
        const double left = frame.x(bar.from), right = frame.x(bar.to), top = frame.y(bar.count);
        out += svg::rect(left, top, std::max(right - left - 1, 1.0), frame.top + kBarsHeight - top,
                         "class=\"bar\"") +
               "><title>" +
               markup(quantity_text(bars.x, bar.from) + " to " + quantity_text(bars.x, bar.to) + ": " +
                      quantity_text(Quantity::count, bar.count)) +
               "</title></rect>\n";
    }
    return {kWidth, kTop + kBarsHeight + 46};
}

}  // namespace torque
