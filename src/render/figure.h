// Figures: measurements as curves, heat maps, bars and changes, as values that text, SVG and HTML draw alike.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "render/text.h"

namespace torque {

enum class Quantity { bytes, pages, ns, count };

struct Series {
    struct Dot {
        double x = 0, y = 0;  // above 0
    };
    std::string name;
    std::vector<Dot> dots;  // ascending by x
};

// Curves over two logarithmic axes.
struct Plot {
    struct Mark {
        double x = 0;
        std::string label;
    };
    std::string title;
    std::string x_title, y_title;
    Quantity x = Quantity::bytes, y = Quantity::ns;
    std::vector<Series> series;  // the first is the one that matters most; at most kSeriesMax are drawn
    std::vector<Mark> marks;     // upright lines, such as declared sizes

    static constexpr std::size_t kSeriesMax = 5;
};

// A table of values as colours.
struct HeatMap {
    std::string title;
    std::string row_title, column_title;  // "from CPU"
    std::string unit;                     // "ns"
    std::vector<std::string> rows, columns;
    std::vector<std::optional<double>> values;  // rows.size() * columns.size(), row by row; 0 or more
    std::vector<std::size_t> breaks;            // rows, and columns, before which a group ends; ascending
    bool more_is_better = false;
    double low = 0, high = 0;  // what the colours span at least; 0: what the values do

    std::optional<double> at(std::size_t row, std::size_t column) const {
        return values[row * columns.size() + column];
    }
};

// How many there are of each size; the number is drawn by its logarithm.
struct Bars {
    struct Bar {
        double from = 0, to = 0;  // above 0
        double count = 0;
    };
    std::string title;
    std::string x_title, y_title;
    Quantity x = Quantity::ns;
    std::vector<Bar> bars;  // ascending, and each begins where the one before ends or later
};

// One value of each thing, before and after something.
struct BeforeAfter {
    enum class Verdict { alike, better, worse };
    struct Row {
        std::string name;
        double before = 0, after = 0;  // 0 or more
        Verdict verdict = Verdict::alike;
    };
    std::string title;
    std::string row_title;  // "CPU"
    std::string x_title;
    Quantity x = Quantity::ns;
    std::string better, worse;  // words for what the colours mean: "quieter"
    std::vector<Row> rows;

    static constexpr std::size_t kRowsMax = 256;  // that are drawn
};

using Figure = std::variant<Plot, HeatMap, Bars, BeforeAfter>;

// On a page of text, as wide as that is.
void put_figure(Page& page, const Figure& figure);

// One SVG 1.1 document with all of them below each other, light and dark. Texts are made safe.
std::string figures_svg(const std::string& title, const std::vector<Figure>& figures);

// A page of HTML that needs nothing else, with `about` as text below the figures.
std::string figures_html(const std::string& title, const std::vector<Figure>& figures,
                         const std::string& about);

}  // namespace torque
