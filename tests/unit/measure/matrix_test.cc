// Tables of latencies from elsewhere: the forms that are taken, and what is said of the others.
#include "measure/matrix.h"

#include <string>

#include "catch.h"

using namespace torque::measure;

namespace {

// "5 6 7" for the pairs (1,0) (2,0) (2,1), or the error.
std::string read(const std::string& text) {
    const auto matrix = parse_latency_matrix(text, "t.csv");
    if (!matrix) return matrix.error().where + ": " + matrix.error().what;
    std::string values;
    for (int a = 1; a < matrix->count; ++a) {
        for (int b = 0; b < a; ++b) {
            CHECK(matrix->at(a, b) == matrix->at(b, a));
            values += (values.empty() ? "" : " ") + std::to_string(static_cast<int>(matrix->at(a, b)));
        }
    }
    return values;
}

}  // namespace

TEST_CASE("a triangle, its mirror image and a full table") {
    CHECK(read(",,\n5,,\n6,7,\n") == "5 6 7");
    CHECK(read("\n5\n6,7") == "5 6 7");
    CHECK(read("0\r\n5,0\r\n6,7,0\r\n\r\n") == "5 6 7");
    CHECK(read(",5,6\n,,7\n,,\n") == "5 6 7");
    CHECK(read("0,5,9\n8,0,7\n6,7.0,0\n") == "5 6 7");
    CHECK(read(" 0 , 5\t, 6\n,,7\n,,,,\n") == "5 6 7");
    CHECK(read(",\n1e2,\n") == "100");
}

TEST_CASE("what is no latency is refused at its place") {
    CHECK(read(",\nfast,\n") == "t.csv:2: column 1: \"fast\" is no latency in ns");
    CHECK(read("cpu,0,1\n0,0,5\n1,5,0\n") == "t.csv:1: column 1: \"cpu\" is no latency in ns");
    for (const char* cell :
         {"-1", "nan", "inf", "1e400", "0x10", "2e9", "5 6", "5;6", "1,000,5", "\x1b[31m"}) {
        CAPTURE(cell);
        CHECK(read(std::string(",\n") + cell + ",\n").starts_with("t.csv:2: column "));
    }
    CHECK(read(",\n\x1b,\n").find('\x1b') == std::string::npos);
}

TEST_CASE("tables with holes, too wide, too small, too large") {
    CHECK(read(",,\n5,,\n6,,\n") == "t.csv:3: column 2: there is no latency between CPUs 1 and 2");
    CHECK(read(",\n5,6,7\n") == "t.csv:2: column 3: the line has more cells than the 2 lines of the table");
    for (const std::string& text :
         {std::string(), std::string("\n\n"), std::string("5\n"), std::string(5000, '\n') + "1"}) {
        CHECK(read(text) == "t.csv: a latency matrix has from 2 to 2048 lines");
    }
}
