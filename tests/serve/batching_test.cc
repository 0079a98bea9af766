// How many completions a worker waits for, and how long.
#include "serve/batching.h"

#include "catch.h"

using torque::serve::Batching;
using torque::serve::kBatchMax;
using torque::serve::kBatchMin;
using torque::serve::kBatchWaitUsMax;

TEST_CASE("a worker waits for the first completion at first") {
    const Batching batching;
    CHECK(batching.target == 1);
    CHECK(batching.wait_us == 0);
}

TEST_CASE("few clients are never made to wait, however much they send") {
    Batching batching;
    for (std::uint32_t active = 0; active < 4 * kBatchMin; ++active) {
        for (std::uint32_t found = 0; found < 1000; ++found) {
            batching.after(found, active);
            REQUIRE(batching.target == 1);
            REQUIRE(batching.wait_us == 0);
        }
    }
}

TEST_CASE("a wait is for a quarter of the active clients and a microsecond for each, both bounded") {
    for (std::uint32_t active = 4 * kBatchMin; active < 70000; active += 7) {
        Batching batching;
        batching.after(1000, active);
        REQUIRE(batching.target >= kBatchMin);
        REQUIRE(batching.target <= kBatchMax);
        REQUIRE(batching.target * 4 <= active);
        REQUIRE(batching.wait_us >= 1);
        REQUIRE(batching.wait_us <= active);
        REQUIRE(batching.wait_us <= kBatchWaitUsMax);
    }
}

TEST_CASE("batching starts with a busy loop, lasts while there is enough, and ends with a quiet one") {
    Batching batching;
    batching.after(kBatchMin - 1, 1000);
    CHECK(batching.target == 1);
    batching.after(kBatchMin, 1000);
    CHECK(batching.target > 1);
    batching.after(batching.target / 2, 1000);
    CHECK(batching.target > 1);
    batching.after(1, 1000);
    CHECK(batching.target == 1);
    CHECK(batching.wait_us == 0);
}

TEST_CASE("clients that leave end batching") {
    Batching batching;
    batching.after(100, 1000);
    CHECK(batching.target > 1);
    batching.after(100, 3);
    CHECK(batching.target == 1);
}
