// Figures as pieces of SVG, each below a point and with its size.
#pragma once

#include <string>

#include "render/figure.h"

namespace torque {

struct FigureSize {
    double width = 0, height = 0;
};

// Appends to `out` what lies below and right of (x, y).
FigureSize draw_plot(const Plot& plot, double x, double y, std::string& out);
FigureSize draw_bars(const Bars& bars, double x, double y, std::string& out);
FigureSize draw_changes(const BeforeAfter& changes, double x, double y, std::string& out);
FigureSize draw_heat(const HeatMap& map, double x, double y, std::string& out);

// Pieces of SVG. Coordinates have one digit behind the point; texts are made safe, `words` are attributes.
namespace svg {

std::string number(double value);
std::string rect(double x, double y, double width, double height, const std::string& words);
std::string line(double x1, double y1, double x2, double y2, const std::string& words);
std::string text(double x, double y, const std::string& content, const std::string& words = {});

}  // namespace svg

}  // namespace torque
