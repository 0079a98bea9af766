// Curves, heat maps and bars in text, SVG and HTML.
#include "render/figure.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "catch.h"
#include "render/figure_table.h"
#include "render/scale.h"

using namespace torque;

namespace {

Plot two_steps() {
    Plot plot{"Loads", "memory", "ns", Quantity::bytes, Quantity::ns, {}, {{32768, "L1d"}}};
    plot.series = {{"near", {{4096, 1}, {32768, 1}, {36864, 4}, {65536, 4}}},
                   {"far", {{4096, 2}, {65536, 8}}}};
    return plot;
}

HeatMap square(std::size_t side) {
    HeatMap map{"Way", "CPU", "CPU", "ns", {}, {}, {}, {side / 2}, false};
    for (std::size_t i = 0; i < side; ++i) map.rows.push_back(std::to_string(i));
    map.columns = map.rows;
    for (std::size_t i = 0; i < side * side; ++i) {
        const std::size_t row = i / side, column = i % side;
        const bool is_near = row / (side / 2) == column / (side / 2);
        map.values.push_back(row == column ? std::nullopt : std::optional(is_near ? 20.0 : 100.0));
    }
    return map;
}

std::string as_text(const Figure& figure, bool unicode, int width = 80) {
    TreeStyle style;
    style.unicode = unicode;
    style.width = width;
    Page page(style);
    put_figure(page, figure);
    return page.out;
}

int widest_line(const std::string& text) {
    int most = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        most = std::max(most, columns(std::string_view(text).substr(at, end - at)));
        at = end + 1;
    }
    return most;
}

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t found = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++found;
    return found;
}

bool is_about(double value, double wanted) {
    return std::abs(value - wanted) < wanted * 1e-9;
}

bool has(const std::string& text, std::string_view part) {
    return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("quantities are short") {
    CHECK(quantity_text(Quantity::bytes, 32768) == "32K");
    CHECK(quantity_text(Quantity::bytes, 1.5 * 1024 * 1024) == "1.5M");
    CHECK(quantity_text(Quantity::ns, 1.0826) == "1.08");
    CHECK(quantity_text(Quantity::ns, 104.4) == "104");
    CHECK(quantity_text(Quantity::ns, 20000) == "20 us");
    CHECK(quantity_text(Quantity::pages, 75.9) == "76");
    CHECK(quantity_text(Quantity::count, 25000) == "25k");
}

TEST_CASE("an axis has ticks at round values") {
    const Scale bytes(Quantity::bytes, 4096, 65536, false);
    CHECK(bytes.ticks(20).size() == 5);
    CHECK(bytes.ticks(3).size() == 3);
    CHECK(bytes.ticks(20)[1].label == "8K");
    CHECK(bytes.place(16384) == 0.5);
    CHECK(is_about(bytes.value(0.5), 16384));
    const Scale ns(Quantity::ns, 1.1, 140, true);
    CHECK(ns.ticks(20).front().label == "1");
    CHECK(ns.ticks(20).back().label == "200");
    CHECK(ns.ticks(4).size() == 3);
    CHECK(Scale(Quantity::ns, 0, 0, true).ticks(5).size() >= 1);
    for (const Quantity quantity : {Quantity::ns, Quantity::bytes})
        CHECK(Scale(quantity, 1, 1, true).place(1) == 0);
    // As a document may have them.
    CHECK(Scale(Quantity::count, 10, 1.7e308, true).ticks(14).size() <= 14);
    CHECK(Scale(Quantity::count, 1.7e308, 1.7e308, true).ticks(14).size() <= 14);
}

TEST_CASE("a curve is as wide as the terminal, with letters where there is no Unicode") {
    const std::string text = as_text(two_steps(), false);
    CHECK(widest_line(text) <= 80);
    CHECK(has(text, "Loads"));
    CHECK(has(text, "L1d"));
    CHECK(has(text, "** near"));
    CHECK(has(text, "++ far"));
    CHECK(std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
    CHECK(widest_line(as_text(two_steps(), true, 60)) <= 60);
    CHECK(has(as_text(Plot{"Loads", "", "", Quantity::bytes, Quantity::ns, {{"near", {}}}, {}}, true),
              "nothing was measured"));
}

TEST_CASE("a small map has numbers, a large one shades") {
    const std::string small = as_text(square(4), false), large = as_text(square(64), false);
    CHECK(count(small, "100") == 8);
    CHECK(count(small, "20") == 4);
    CHECK(widest_line(large) <= 80);
    CHECK(has(large, "##"));
    CHECK(has(as_text(square(64), true), "█"));
    CHECK(widest_line(as_text(square(300), true)) <= 80);
    CHECK(as_text(HeatMap{"Way", "", "", "", {"0"}, {"0"}, {1.0}, {}, false}, true).empty());
}

TEST_CASE("a map that is too large is made smaller by medians") {
    const HeatMap map = made_smaller(square(8), 4);
    CHECK(map.rows == std::vector<std::string>{"0-1", "2-3", "4-5", "6-7"});
    CHECK(map.at(0, 0) == 20.0);
    CHECK(map.at(0, 3) == 100.0);
    CHECK(map.breaks == std::vector<std::size_t>{2});
    CHECK(made_smaller(square(8), 8).rows.size() == 8);
    CHECK(made_smaller(square(7), 4).values.size() == 16);
}

TEST_CASE("noise gets no colours") {
    HeatMap map = square(2);
    map.values = {100.0, 101.0, 102.0, 103.0};
    CHECK(HeatScale(map).place(103) < 0.1);
    map.values = {10.0, 100.0, std::nullopt, 1000.0};
    CHECK(is_about(HeatScale(map).place(100), 0.5));
    CHECK(is_about(HeatScale(map).value(1), 1000));
}

TEST_CASE("bars have their ranges and counts") {
    const Bars bars{"Gaps", "ns", "gaps", Quantity::ns, {{100, 200, 1000}, {200, 400, 10}, {400, 800, 0}}};
    const std::string text = as_text(bars, false);
    CHECK(has(text, "100 - 200  1000 #"));
    CHECK(has(text, "400 - 800     0"));
    CHECK(widest_line(text) <= 80);
    CHECK(count(figures_svg("t", {bars}), "class=\"bar\"") == 2);
    CHECK(as_text(Bars{}, true).size() < 10);
}

TEST_CASE("a range that is known gets its colours whatever the values") {
    HeatMap map = square(2);
    map.values = {100.0, 101.0, std::nullopt, 52.0};
    map.low = 50;
    map.high = 100;
    CHECK(is_about(HeatScale(map).value(0), 50));
    CHECK(HeatScale(map).place(101) > 0.99);
    map.values = {40.0, 200.0};
    CHECK(is_about(HeatScale(map).value(0), 40));
    CHECK(is_about(HeatScale(map).value(1), 200));
}

TEST_CASE("changes have both values, and zero has its place") {
    using enum BeforeAfter::Verdict;
    BeforeAfter changes{"<Gaps>",
                        "CPU",
                        "ns",
                        Quantity::ns,
                        "quieter",
                        "noisier",
                        {{"4", 2e6, 0, better}, {"5", 50, 50, alike}, {"6", 20, 3000, worse}}};
    const std::string text = as_text(changes, true);
    CHECK(has(text, "4  2 ms  →     0"));
    CHECK(has(text, "6    20  →  3000"));
    CHECK(widest_line(text) <= 80);
    const std::string svg = figures_svg("t", {changes});
    CHECK(has(svg, "&lt;Gaps&gt;"));
    CHECK(has(svg, "<title>CPU 4: 2 ms before, 0 after</title>"));
    CHECK(count(svg, "class=\"was\"") == 1 + 3);  // the legend, and each row
    CHECK(count(svg, "class=\"better\"") == 1 + 1);
    CHECK(count(svg, "class=\"way worse\"") == 1);
    for (const char* bad : {"nan", "inf"}) CHECK_FALSE(has(svg, bad));
    for (BeforeAfter::Row& row : changes.rows) row.before = row.after = 0;
    const std::string still = figures_svg("t", {changes});
    for (const char* bad : {"nan", "inf"}) CHECK_FALSE(has(still, bad));
    changes.rows.resize(300);
    CHECK(has(figures_svg("t", {changes}), ", the first 256"));
    CHECK(figures_svg("t", {BeforeAfter{}}).size() < figures_svg("t", {changes}).size());
}

TEST_CASE("a drawing is whole, safe and names every point") {
    Plot plot = two_steps();
    plot.title = "<Loads & more>";
    const std::string svg = figures_svg("a \"title\"", {plot, square(4), square(40), square(200)});
    CHECK(svg.starts_with("<?xml"));
    CHECK(svg.ends_with("</svg>\n"));
    CHECK(has(svg, "&lt;Loads &amp; more&gt;"));
    CHECK_FALSE(has(svg, "<Loads"));
    CHECK(count(svg, "<circle") == 6);
    CHECK(has(svg, "near: 32K, 1 ns"));
    CHECK(count(svg, "CPU 0, CPU 1: 20 ns") == 2);  // of the two maps that have titles
    CHECK(count(svg, "class=\"break\"") == 6);
    CHECK(count(svg, "<rect") < 4 * 4 + 40 * 40 + 200 * 5 + 100);  // neighbours of one colour are one
    CHECK(has(svg, "prefers-color-scheme:dark"));
    CHECK(figures_svg("nothing", {}).ends_with("</svg>\n"));
}

TEST_CASE("a page needs nothing else, and is safe") {
    const std::string page = figures_html("t", {two_steps()}, "1 < 2\n\x1b[0m\n");
    CHECK(page.starts_with("<!DOCTYPE html>"));
    CHECK(has(page, "1 &lt; 2\n?[0m\n"));
    for (const char* word : {"http://", "https://", "src=", "url("}) {
        CHECK(count(page, word) == (std::string(word) == "http://" ? 1u : 0u));  // the namespace of SVG
    }
    CHECK(figures_html("t", {two_steps()}, "") == figures_html("t", {two_steps()}, ""));
}
