// Knees in made up curves: steps with scatter, slopes, spikes, nothing but noise.
#include "measure/knees.h"

#include <algorithm>
#include <cmath>

#include "catch.h"
#include "unit/measure/latencies.h"

using namespace torque::measure;
using latencies::Draws;

namespace {

constexpr std::size_t KiB = 1024, MiB = 1024 * KiB;

struct Step {
    double size, ns;  // latency from this size on
};

// Sharp steps, each latency times a normal factor of deviation `scatter`.
Curve stairs(const std::vector<Step>& steps, double scatter, unsigned seed, std::size_t last = 128 * MiB) {
    Draws draws(seed);
    Curve curve;
    for (const std::size_t size : ladder(4 * KiB, last, 4 * MiB, 64)) {
        double ns = 1;
        for (const Step& step : steps) ns = static_cast<double>(size) > step.size ? step.ns : ns;
        curve.push_back({size, ns * std::max(0.1, 1 + scatter * draws.normal()), 0, 10});
    }
    return curve;
}

const std::vector<Step> kThreeCaches{{32.0 * KiB, 4}, {1.0 * MiB, 12}, {32.0 * MiB, 100}};

void check_three_caches(const std::vector<Knee>& knees, double tolerance) {
    REQUIRE(knees.size() == 3);
    const double sizes[] = {32.0 * KiB, 1.0 * MiB, 32.0 * MiB};
    for (std::size_t i = 0; i < 3; ++i) CHECK(std::abs(std::log2(knees[i].at / sizes[i])) < tolerance);
}

}  // namespace

TEST_CASE("a ladder has the sizes of real caches, each once and in order") {
    const auto sizes = ladder(4 * KiB, 100 * MiB, 4 * MiB, 64);
    CHECK(std::is_sorted(sizes.begin(), sizes.end()));
    CHECK(std::adjacent_find(sizes.begin(), sizes.end()) == sizes.end());
    for (const std::size_t size : {4 * KiB, 32 * KiB, 48 * KiB, 1280 * KiB, 96 * MiB})
        CHECK(std::count(sizes.begin(), sizes.end(), size) == 1);
    CHECK(sizes.back() == 96 * MiB);
    CHECK(ladder(16, 100, 64, 16) == std::vector<std::size_t>{16, 32, 48, 64, 80, 96});
}

TEST_CASE("the quickest of several measurements counts, and says how far the next one is") {
    const Curve curves[] = {{{1, 5, 0.5, 9}, {2, 8, 0.5, 9}}, {{1, 4, 0.1, 9}}, {{1, 4.5, 0.1, 9}}};
    const Curve best = quickest({curves[0], curves[1], curves[2]});
    REQUIRE(best.size() == 2);
    CHECK(best[0].ns == 4);
    CHECK(best[0].spread_ns == 0.5);
    CHECK(best[1].ns == 8);
    CHECK(quickest({}).empty());
}

TEST_CASE("sharp steps are found where they are") {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        CAPTURE(seed);
        check_three_caches(find_knees(stairs(kThreeCaches, 0.03, seed)), 0.2);
    }
    const auto knees = find_knees(stairs(kThreeCaches, 0, 1));
    CHECK(knees[0].from == 32 * KiB);
    CHECK(knees[0].to == 36 * KiB);
    CHECK(knees[0].before_ns == 1);
    CHECK(knees[0].after_ns == 4);
    CHECK_FALSE(knees[2].is_open);
}

TEST_CASE("spikes, which other programs make, change nothing") {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        CAPTURE(seed);
        Curve curve = stairs(kThreeCaches, 0.02, seed);
        Draws draws(seed + 1000);
        for (Point& point : curve) point.ns *= draws.uniform() < 0.05 ? 1 + 3 * draws.uniform() : 1;
        check_three_caches(find_knees(curve), 0.5);
    }
}

TEST_CASE("no knee in what is flat, in noise, and in too little") {
    CHECK(find_knees(stairs({}, 0, 1)).empty());
    CHECK(find_knees({}).empty());
    CHECK(find_knees({{1, 1}, {2, 1}, {3, 9}}).empty());
    int found = 0;
    for (unsigned seed = 1; seed <= 500; ++seed) {
        for (const double scatter : {0.05, 0.2, 0.5})
            found += find_knees(stairs({}, scatter, seed)).empty() ? 0 : 1;
    }
    CHECK(found <= 1);
}

TEST_CASE("a gentle slope is no knee") {
    Curve curve = stairs({}, 0.01, 1);
    for (Point& point : curve) point.ns *= std::pow(static_cast<double>(point.size), 0.1);  // 7 % a doubling
    CHECK(find_knees(curve).empty());
}

TEST_CASE("a curve that still rises at its end has an open knee") {
    Curve curve = stairs(kThreeCaches, 0.01, 1, 64 * MiB);
    for (Point& point : curve) {
        const double held = 16.0 * MiB / static_cast<double>(point.size);  // at random, of a larger memory
        if (point.size > 16 * MiB) point.ns = 12 + 88 * (1 - held);
    }
    const auto knees = find_knees(curve);
    REQUIRE(knees.size() == 3);
    CHECK(knees[2].is_open);
    CHECK(knees[2].from <= 18 * MiB);
    CHECK(std::abs(std::log2(knees[2].at / (16.0 * MiB))) < 0.5);
}
