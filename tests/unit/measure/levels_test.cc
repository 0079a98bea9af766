// Which CPUs belong together: nested groups are found, noise and slow CPUs are none.
#include "measure/levels.h"

#include <string>

#include "catch.h"
#include "measure/linkage.h"
#include "unit/measure/latencies.h"

using namespace torque;
using namespace torque::measure;
using latencies::Draws;
using latencies::made;
using latencies::noise;

namespace {

Structure found(const LatencyMatrix& matrix) {
    return find_levels(matrix, CpuSet::range(0, matrix.count - 1));
}

// "0-1 2-3 | 0-3"
std::string groups_text(const Structure& structure) {
    std::string text;
    for (const Level& level : structure.levels) {
        if (!text.empty()) text += " |";
        for (const CpuSet& group : level.groups) text += (text.empty() ? "" : " ") + group.list();
    }
    return text;
}

bool is_near(double value, double wanted) {
    return std::abs(value - wanted) <= 0.05 * wanted;
}

double lognormal(Draws& draws, double sigma) {
    return 60 * std::exp(sigma * draws.normal());
}

}  // namespace

TEST_CASE("threads, caches and packages are found, finest first") {
    const Structure structure = found(made({16, {{2, 7}, {4, 20}, {8, 90}}, 200}));
    CHECK(groups_text(structure) == "0-1 2-3 4-5 6-7 8-9 10-11 12-13 14-15 | 0-3 4-7 8-11 12-15 | 0-7 8-15");
    REQUIRE(structure.levels.size() == 3);
    CHECK(structure.levels[0].kind == LevelKind::core);
    CHECK(structure.levels[1].kind == LevelKind::last_level);
    CHECK(structure.levels[2].kind == LevelKind::package);
    CHECK(is_near(structure.levels[0].latency_ns, 7));
    CHECK(is_near(structure.levels[0].apart_ns, 200));
    CHECK(is_near(structure.levels[1].latency_ns, 20));
    CHECK(structure.levels[0].misfits == 0);
    CHECK(is_near(structure.rest_ns, 200));
}

TEST_CASE("rows are the CPUs that they are said to be") {
    const auto structure = find_levels(made({8, {{4, 20}}, 90}), *CpuSet::parse_list("1,3,5,7,10-13"));
    CHECK(groups_text(structure) == "1,3,5,7 10-13");
    CHECK(structure.levels[0].kind == LevelKind::last_level);
}

TEST_CASE("a few disturbed values change nothing") {
    LatencyMatrix matrix = made({32, {{2, 7}, {8, 20}}, 90});
    matrix.set(3, 20, 19);   // quicker than can be
    matrix.set(9, 15, 400);  // interrupted
    matrix.set(0, 31, 900);
    CHECK(groups_text(found(matrix)).ends_with("| 0-7 8-15 16-23 24-31"));
}

TEST_CASE("CPUs without siblings stay alone beside those with") {
    LatencyMatrix matrix = made({12, {{2, 5}}, 34});
    for (int a = 9; a < 12; ++a) {
        for (int b = 8; b < a; ++b) matrix.set(a, b, 45);
    }
    CHECK(groups_text(found(matrix)) == "0-1 2-3 4-5 6-7 8 9 10 11");
}

TEST_CASE("noise has no structure, whatever its distribution") {
    int levels = 0, tried = 0;
    for (unsigned seed = 1; seed <= 60; ++seed) {
        Draws draws(seed);
        for (const int cpus : {2, 3, 4, 6, 8, 12, 16, 24, 48}) {
            const LatencyMatrix worlds[] = {
                noise(cpus, [&] { return 60 + 3 * draws.normal(); }),
                noise(cpus, [&] { return 20 + 80 * draws.uniform(); }),
                noise(cpus, [&] { return lognormal(draws, 0.3); }),
                noise(cpus, [&] { return lognormal(draws, 1); }),
                noise(cpus, [&] { return 40 / std::sqrt(draws.uniform()); }),  // heavy tail: Pareto
                // Of four CPUs a coarse clock shows pairs in one case of 16: too few to tell.
                noise(cpus, [&] { return draws.uniform() < 0.5 && cpus > 6 ? 20.0 : 60.0; }),
            };
            for (const LatencyMatrix& matrix : worlds) {
                levels += static_cast<int>(found(matrix).levels.size());
                ++tried;
            }
        }
    }
    CAPTURE(tried);
    CHECK(levels <= tried / 1000);
}

TEST_CASE("CPUs that are slow with everyone are no group, nor are the others") {
    LatencyMatrix matrix(16);
    for (int a = 1; a < 16; ++a) {
        for (int b = 0; b < a; ++b) matrix.set(a, b, 30 + (a >= 8 ? 20 : 0) + (b >= 8 ? 20 : 0));
    }
    CHECK(groups_text(found(matrix)) == "");
}

TEST_CASE("a ring on which neighbours are nearer is no level") {
    LatencyMatrix matrix(16);
    for (int a = 1; a < 16; ++a) {
        for (int b = 0; b < a; ++b) matrix.set(a, b, 40 + std::min(a - b, 16 - a + b));
    }
    CHECK(groups_text(found(matrix)) == "");
}

TEST_CASE("one package that is near to itself beside one that is far from everything") {
    LatencyMatrix matrix = made({16, {{8, 100}}, 220});
    for (int a = 9; a < 16; ++a) {
        for (int b = 8; b < a; ++b) matrix.set(a, b, 215 + a);
    }
    const Structure structure = found(matrix);
    CHECK(groups_text(structure) == "0-7 8-15");
    REQUIRE(structure.levels.size() == 1);
    CHECK(structure.levels[0].only_first);
}

TEST_CASE("few CPUs need clear differences") {
    CHECK(groups_text(found(made({4, {{2, 10}}, 80}))) == "0-1 2-3");
    CHECK(groups_text(found(made({4, {{2, 15}}, 20}))) == "");  // one chance in three
    CHECK(groups_text(found(made({2, {}, 30}))) == "");
}

TEST_CASE("equal values and zeros are no structure") {
    CHECK(groups_text(found(noise(8, [] { return 50.0; }))) == "");
    CHECK(groups_text(found(noise(8, [] { return 0.0; }))) == "");
}

TEST_CASE("a large machine takes no time to speak of") {
    const Structure structure = found(made({1024, {{2, 7}, {16, 25}, {512, 110}}, 220}));
    REQUIRE(structure.levels.size() == 3);
    CHECK(structure.levels[1].groups.size() == 64);
}

TEST_CASE("average linkage stops where the distance leaps") {
    const auto partitions = partitions_at_gaps(made({8, {{2, 5}, {4, 20}}, 80}), 1.5);
    REQUIRE(partitions.size() == 2);
    CHECK(partitions[0] == Partition{{0, 1}, {2, 3}, {4, 5}, {6, 7}});
    CHECK(partitions[1] == Partition{{0, 1, 2, 3}, {4, 5, 6, 7}});
}
