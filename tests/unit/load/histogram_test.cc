#include "load/histogram.h"

#include "catch.h"

using torque::load::Histogram;

TEST_CASE("a histogram without values has no latency") {
    const Histogram histogram;
    CHECK(histogram.count() == 0);
    CHECK(histogram.mean_ns() == 0);
    CHECK(histogram.quantile_ns(0.5) == 0);
}

TEST_CASE("small latencies are kept exactly") {
    Histogram histogram;
    for (std::uint64_t ns = 1; ns <= 60; ++ns) histogram.record(ns);
    CHECK(histogram.quantile_ns(0) == 1);
    CHECK(histogram.quantile_ns(0.5) == 30);
    CHECK(histogram.quantile_ns(1) == 60);
    CHECK(histogram.mean_ns() == 30.5);
}

TEST_CASE("a quantile is never below the true one, and above it by less than 1.6%") {
    for (const std::uint64_t ns :
         {64ULL, 65ULL, 127ULL, 128ULL, 12'345ULL, 999'999ULL, 123'456'789ULL, (1ULL << 40) - 1}) {
        Histogram histogram;
        histogram.record(ns);
        histogram.record(Histogram::kMaxNs);  // so that the greatest does not stand in for the bucket's end
        const std::uint64_t found = histogram.quantile_ns(0.5);
        CHECK(found >= ns);
        CHECK(static_cast<double>(found) <= static_cast<double>(ns) * 1.016);
    }
}

TEST_CASE("histograms add up, and what is longer than the longest counts as that") {
    Histogram a, b;
    a.record(10);
    b.record(Histogram::kMaxNs * 2);
    a.merge(b);
    CHECK(a.count() == 2);
    CHECK(a.max_ns() == Histogram::kMaxNs);
    CHECK(a.quantile_ns(0.5) == 10);
    CHECK(a.quantile_ns(1) == Histogram::kMaxNs);
}
