#include <algorithm>
#include <cmath>

#include "render/figure_svg.h"
#include "render/figure_table.h"
#include "render/markup.h"
#include "render/scale.h"

namespace torque {
namespace {

constexpr double kLetter = 6.6;
constexpr std::size_t kSideMax = 256;    // of a map that is drawn; larger ones are made smaller
constexpr std::size_t kNumbersMax = 16;  // of a map whose cells say their values
constexpr std::size_t kTitlesMax = 96;   // of one whose cells say them under the mouse
constexpr double kOverlap = 0.3;
constexpr double kCellWidth = 48, kCellHeight = 26, kSide = 640;
constexpr std::size_t kColours = 16;     // .h0 to .h15 of figure.css
constexpr std::size_t kDarkColours = 9;  // on which text is white

std::size_t colour_of(double place) {
    return std::min(static_cast<std::size_t>(std::clamp(place, 0.0, 1.0) * kColours), kColours - 1);
}

std::string colour_class(std::size_t colour) {
    return "class=\"h" + std::to_string(colour) + "\"";
}

// Where the cells of a map lie.
class Grid {
  public:
    Grid(const HeatMap& map, double x, double y) : map_(map), scale_(map) {
        const double count = static_cast<double>(std::max(map.rows.size(), map.columns.size()));
        has_numbers_ = count <= kNumbersMax;
        width_ = has_numbers_ ? kCellWidth : std::max(kSide / count, 2.5);
        height_ = has_numbers_ ? kCellHeight : width_;
        std::size_t longest = 0;
        for (const std::string& name : map.rows) longest = std::max(longest, name.size());
        left_ = x + kLetter * static_cast<double>(longest) + 10;
        top_ = y + 62;
    }

    double left() const { return left_; }
    double bottom() const { return top_ + height_ * static_cast<double>(map_.rows.size()); }
    double right() const { return left_ + width_ * static_cast<double>(map_.columns.size()); }
    const HeatScale& scale() const { return scale_; }

    void draw_names(std::string& out) const {
        const std::size_t rows = std::max<std::size_t>(1, static_cast<std::size_t>(std::ceil(14 / height_)));
        for (std::size_t row = 0; row < map_.rows.size(); row += rows) {
            out += svg::text(left_ - 6, row_y(row) + height_ / 2 + 4, map_.rows[row],
                             "text-anchor=\"end\" class=\"faint\"");
        }
        double free = 0;
        for (std::size_t column = 0; column < map_.columns.size(); ++column) {
            const double middle = column_x(column) + width_ / 2;
            const double half = kLetter * static_cast<double>(map_.columns[column].size()) / 2;
            if (middle - half < free) continue;
            out +=
                svg::text(middle, top_ - 5, map_.columns[column], "text-anchor=\"middle\" class=\"faint\"");
            free = middle + half + kLetter;
        }
    }

    void draw_cells(std::string& out) const {
        const bool has_titles = std::max(map_.rows.size(), map_.columns.size()) <= kTitlesMax;
        for (std::size_t row = 0; row < map_.rows.size(); ++row) {
            for (std::size_t column = 0; column < map_.columns.size();) {
                const auto value = map_.at(row, column);
                if (has_titles && value) draw_cell(row, column, *value, out);
                column += has_titles || !value ? 1 : draw_run(row, column, out);
            }
        }
    }

    void draw_breaks(std::string& out) const {
        for (const std::size_t at : map_.breaks) {
            if (at < map_.rows.size())
                out += svg::line(left_, row_y(at), right(), row_y(at), "class=\"break\"");
            if (at < map_.columns.size())
                out += svg::line(column_x(at), top_, column_x(at), bottom(), "class=\"break\"");
        }
    }

  private:
    double row_y(std::size_t row) const { return top_ + height_ * static_cast<double>(row); }
    double column_x(std::size_t column) const { return left_ + width_ * static_cast<double>(column); }

    std::size_t colour(double value) const {
        const double place = scale_.place(value);
        return colour_of(map_.more_is_better ? 1 - place : place);
    }

    // Cells without numbers touch, and overlap by a little.
    void draw_cell(std::size_t row, std::size_t column, double value, std::string& out) const {
        const double gap = has_numbers_ ? 2 : -kOverlap;
        const std::string shown = quantity_text(Quantity::count, value);
        out += svg::rect(column_x(column), row_y(row), width_ - gap, height_ - gap,
                         colour_class(colour(value))) +
               "><title>" +
               markup(map_.row_title + " " + map_.rows[row] + ", " + map_.column_title + " " +
                      map_.columns[column] + ": " + shown + " " + map_.unit) +
               "</title></rect>\n";
        if (!has_numbers_) return;
        out += svg::text(column_x(column) + (width_ - gap) / 2, row_y(row) + height_ / 2 + 3, shown,
                         colour(value) < kDarkColours ? "class=\"on-dark\"" : "class=\"on-light\"");
    }

    // The neighbours of one colour as one. Gives how many they are.
    std::size_t draw_run(std::size_t row, std::size_t column, std::string& out) const {
        const std::size_t of = colour(*map_.at(row, column));
        std::size_t count = 1;
        while (column + count < map_.columns.size()) {
            const auto next = map_.at(row, column + count);
            if (!next || colour(*next) != of) break;
            ++count;
        }
        out += svg::rect(column_x(column), row_y(row), width_ * static_cast<double>(count) + kOverlap,
                         height_ + kOverlap, colour_class(of)) +
               "/>\n";
        return count;
    }

    const HeatMap& map_;
    HeatScale scale_;
    bool has_numbers_ = false;
    double width_ = 0, height_ = 0, left_ = 0, top_ = 0;
};

// The colours with the values at the ends and between.
void draw_legend(const Grid& grid, const HeatMap& map, double y, std::string& out) {
    constexpr double kStep = 16;
    for (std::size_t colour = 0; colour < kColours; ++colour) {
        const double x = grid.left() + kStep * static_cast<double>(colour);
        const std::size_t shown = map.more_is_better ? kColours - 1 - colour : colour;
        out += svg::rect(x, y, kStep, 12, colour_class(shown)) + "/>\n";
    }
    for (const double place : {0.0, 0.5, 1.0}) {
        const std::string unit = place == 1 ? " " + map.unit : "";
        out += svg::text(grid.left() + place * kStep * kColours, y + 28,
                         quantity_text(Quantity::count, grid.scale().value(place)) + unit,
                         place == 0 ? "class=\"faint\"" : "text-anchor=\"middle\" class=\"faint\"");
    }
}

}  // namespace

FigureSize draw_heat(const HeatMap& given, double x, double y, std::string& out) {
    out += svg::text(x, y + 14, given.title, "class=\"head\"");
    if (given.values.empty()) return {400, 24};
    const HeatMap map = made_smaller(given, kSideMax);
    const Grid grid(map, x, y);
    out += svg::text(x, y + 34, heat_caption(map), "class=\"faint\"");
    grid.draw_names(out);
    out += "<g class=\"heat\">\n";
    grid.draw_cells(out);
    grid.draw_breaks(out);
    out += "</g>\n";
    draw_legend(grid, map, grid.bottom() + 12, out);
    return {std::max(grid.right() - x, 420.0), grid.bottom() + 50 - y};
}

}  // namespace torque
