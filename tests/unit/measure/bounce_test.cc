// The loop that hands a line to and fro: both sides of it, and its ends.
#include "measure/bounce.h"

#include <thread>

#include "catch.h"

using namespace torque::measure;

TEST_CASE("two threads take turns") {
    Line line;
    bool answered = false;
    std::thread other([&] { answered = bounce(line, 1, 50, 1u << 31); });
    CHECK(bounce(line, 0, 50, 1u << 31));
    other.join();
    CHECK(answered);
    CHECK(line.turn == 100);
}

TEST_CASE("a side that nobody answers gives up and stops the line") {
    Line line;
    CHECK_FALSE(bounce(line, 1, 1, 1000));
    CHECK(line.turn == Line::kStop);
    CHECK_FALSE(bounce(line, 0, 1, 1u << 31));  // at once
}
