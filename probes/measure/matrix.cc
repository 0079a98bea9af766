#include "measure/matrix.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/format.h"
#include "base/parse.h"

namespace torque::measure {
namespace {

constexpr double kUnknown = -1;

std::optional<double> number_of(std::string_view cell) {
    double number = 0;
    const char* end = cell.data() + cell.size();
    const auto [stop, error] = std::from_chars(cell.data(), end, number);
    if (error != std::errc() || stop != end) return std::nullopt;
    if (!(number >= 0 && number <= LatencyMatrix::kNsMax)) return std::nullopt;
    return number;
}

std::string place(const std::string& name, int row, int column) {
    return formatted("{}:{}: column {}", name, row + 1, column + 1);
}

// Lines before the empty ones at the end: the first line of a lower triangle may be empty itself.
int count_rows(std::string_view text) {
    const std::size_t last = text.find_last_not_of("\r\n \t");
    if (last == text.npos) return 0;
    return static_cast<int>(std::min<std::ptrdiff_t>(
        std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(last), '\n') + 1,
        LatencyMatrix::kRowsMax + 1));
}

// One line of the table, each half of which is kept as it is: values[row * count + column].
Result<void> read_row(std::string_view line, int row, int count, const std::string& name,
                      std::vector<double>& values) {
    for (int column = 0; !line.empty(); ++column) {
        const std::string_view cell = trim_space(take_until(line, ','));
        if (cell.empty()) continue;
        if (column >= count) {
            return fail(formatted("the line has more cells than the {} lines of the table", count),
                        place(name, row, column), "a matrix has one line and one column for each CPU");
        }
        const auto number = number_of(cell);
        if (!number) {
            return fail(formatted("\"{}\" is no latency in ns", printable(cell, 20)),
                        place(name, row, column),
                        "the file holds numbers parted by commas and nothing else: no titles, no text");
        }
        values[static_cast<std::size_t>(row) * static_cast<std::size_t>(count) +
               static_cast<std::size_t>(column)] = *number;
    }
    return {};
}

Result<LatencyMatrix> fold(int count, const std::vector<double>& values, const std::string& name) {
    LatencyMatrix matrix(count);
    for (int row = 1; row < count; ++row) {
        for (int column = 0; column < row; ++column) {
            const auto value = [&](int a, int b) {
                return values[static_cast<std::size_t>(a) * static_cast<std::size_t>(count) +
                              static_cast<std::size_t>(b)];
            };
            const double below = value(row, column), above = value(column, row);
            if (below == kUnknown && above == kUnknown) {
                return fail(formatted("there is no latency between CPUs {} and {}", column, row),
                            place(name, row, column), "every two CPUs have to be measured");
            }
            const bool both = below != kUnknown && above != kUnknown;
            matrix.set(row, column, both ? std::min(below, above) : std::max(below, above));
        }
    }
    return matrix;
}

}  // namespace

Result<LatencyMatrix> parse_latency_matrix(std::string_view text, const std::string& name) {
    const int count = count_rows(text);
    if (count < 2 || count > LatencyMatrix::kRowsMax) {
        return fail(formatted("a latency matrix has from 2 to {} lines", LatencyMatrix::kRowsMax), name,
                    "one line for each CPU: numbers in ns parted by commas");
    }
    std::vector<double> values(static_cast<std::size_t>(count) * static_cast<std::size_t>(count), kUnknown);
    for (int row = 0; row < count; ++row) {
        if (auto read = read_row(take_line(text), row, count, name, values); !read) {
            return tl::unexpected<Error>(read.error());
        }
    }
    return fold(count, values, name);
}

}  // namespace torque::measure
