#include <algorithm>

#include "render/assets.h"
#include "render/figure_svg.h"
#include "render/markup.h"

namespace torque {
namespace {

constexpr double kMargin = 16, kGap = 24;

struct Drawing {
    std::string pieces;
    double width = 0, height = 0;
};

Drawing drawn(const std::vector<Figure>& figures) {
    Drawing drawing;
    double y = kMargin;
    for (const Figure& figure : figures) {
        FigureSize size;
        if (const auto* plot = std::get_if<Plot>(&figure))
            size = draw_plot(*plot, kMargin, y, drawing.pieces);
        if (const auto* map = std::get_if<HeatMap>(&figure))
            size = draw_heat(*map, kMargin, y, drawing.pieces);
        if (const auto* bars = std::get_if<Bars>(&figure))
            size = draw_bars(*bars, kMargin, y, drawing.pieces);
        if (const auto* changes = std::get_if<BeforeAfter>(&figure))
            size = draw_changes(*changes, kMargin, y, drawing.pieces);
        drawing.width = std::max(drawing.width, size.width);
        y += size.height + kGap;
    }
    drawing.width += 2 * kMargin;
    drawing.height = figures.empty() ? 2 * kMargin : y - kGap + kMargin;
    return drawing;
}

std::string opening(const Drawing& drawing, const std::string& title) {
    const std::string width = svg::number(drawing.width), height = svg::number(drawing.height);
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width + "\" height=\"" + height +
           "\" viewBox=\"0 0 " + width + " " + height + "\" role=\"img\">\n<title>" + markup(title) +
           "</title>\n";
}

std::string closing(const Drawing& drawing) {
    return svg::rect(0, 0, drawing.width, drawing.height, "class=\"paper\"/>\n") + drawing.pieces +
           "</svg>\n";
}

// Line by line, as markup() makes control characters question marks.
std::string lines_markup(const std::string& text) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        out += markup(std::string_view(text).substr(at, end - at)) + "\n";
        at = end + 1;
    }
    return out;
}

}  // namespace

std::string figures_svg(const std::string& title, const std::vector<Figure>& figures) {
    const Drawing drawing = drawn(figures);
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + opening(drawing, title) + "<style>\n" +
           std::string(assets::figure_css) + "</style>\n" + closing(drawing);
}

std::string figures_html(const std::string& title, const std::vector<Figure>& figures,
                         const std::string& about) {
    const Drawing drawing = drawn(figures);
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
           markup(title) + "</title>\n<style>\n" + std::string(assets::figure_css) +
           "</style>\n</head>\n<body>\n<h1>" + markup(title) + "</h1>\n<pre>" + lines_markup(about) +
           "</pre>\n" + opening(drawing, title) + closing(drawing) + "</body>\n</html>\n";
}

}  // namespace torque
