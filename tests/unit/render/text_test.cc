#include "render/text.h"

#include "catch.h"

using torque::Line;
using torque::Tone;
using torque::wrap;

namespace {

std::vector<std::string> lines_of(const Line& line, int width) {
    std::vector<std::string> texts;
    for (const Line& part : wrap(line, width)) {
        std::string& text = texts.emplace_back();
        for (const auto& span : part) text += span.text;
    }
    return texts;
}

}  // namespace

TEST_CASE("a line is broken between words, not before what stands close behind one") {
    const Line line{{"12 "}, {"ticks", Tone::strong}, {", "}, {"3 "}, {"calls", Tone::strong}, {"."}};
    CHECK(lines_of(line, 40) == std::vector<std::string>{"12 ticks, 3 calls."});
    CHECK(lines_of(line, 9) == std::vector<std::string>{"12 ticks,", "3 calls."});
    CHECK(lines_of(line, 8) == std::vector<std::string>{"12", "ticks, 3", "calls."});
}

TEST_CASE("a word wider than the line is broken after its commas") {
    CHECK(lines_of({{"on 0-3,8-11,16"}}, 6) == std::vector<std::string>{"on", "0-3,", "8-11,", "16"});
    CHECK(lines_of({{"abcdefgh b"}}, 4) == std::vector<std::string>{"abcdefgh", "b"});
}
