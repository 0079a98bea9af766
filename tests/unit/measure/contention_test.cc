// Which CPUs share a core: made-up machines, small ones by every pair, large ones by sets.
#include "measure/contention.h"

#include <string>

#include "catch.h"
#include "measure/multiply.h"
#include "measure/suspects.h"
#include "unit/measure/latencies.h"

using namespace torque;
using namespace torque::measure;
using latencies::Draws;

namespace {

using Pairs = std::vector<std::pair<int, int>>;

// CPUs of a core are as far apart as there are cores, as firmware numbers them.
struct World {
    int cpus = 0, cores = 0;
    double slowed = 1.8;    // a thread beside another one of its core
    double scatter = 0.02;  // of medians
    double turbo = 0.1;     // slower by so much when all CPUs work
    double spread = 0.02;   // that samples have
    int runs = 0;
    std::chrono::nanoseconds spent{0};
};

std::vector<Summary> worked(World& world, Draws& draws, const CpuSet& cpus) {
    std::vector<Summary> times;
    for (const int cpu : cpus) {
        int beside = 0;
        for (const int other : cpus)
            beside += other != cpu && other % world.cores == cpu % world.cores ? 1 : 0;
        const double pace = 1 + world.turbo * cpus.count() / world.cpus + world.scatter * draws.normal();
        const double ns = 20'000 * pace * (1 + (world.slowed - 1) * beside);
        times.push_back({ns, ns * world.spread, 500});
    }
    return times;
}

Contention found(World& world, const Pairs& declared = {}, int budget_ms = 5000, unsigned seed = 1) {
    Draws draws(seed);
    double last = 0;
    const auto result = measure_contention(
        CpuSet::range(0, world.cpus - 1), declared, std::chrono::milliseconds(budget_ms),
        [&](const CpuSet& cpus, std::chrono::nanoseconds share) -> Result<std::vector<Summary>> {
            ++world.runs;
            world.spent += share;
            return worked(world, draws, cpus);
        },
        [&](double share) {
            CHECK(share >= last);
            CHECK(share <= 1);
            last = share;
        });
    REQUIRE(result);
    return *result;
}

std::string cores_text(const Contention& contention) {
    std::string text;
    for (const CpuSet& core : contention.cores()) text += (text.empty() ? "" : " ") + core.list();
    return text;
}

Sharing judged(double speed, double spread, int samples = 100) {
    PairSpeed pair{0, 1, speed, spread, samples};
    judge(pair);
    return pair.sharing;
}

}  // namespace

TEST_CASE("every pair of a small machine is tried") {
    World world{8, 4};
    const Contention contention = found(world);
    CHECK(contention.is_every_pair);
    CHECK(contention.pairs.size() == 28);
    CHECK(contention.alone.size() == 8);
    CHECK(cores_text(contention) == "0,4 1,5 2,6 3,7");
    CHECK(world.spent <= std::chrono::milliseconds(5000));
    for (const PairSpeed& pair : contention.pairs) CHECK(pair.certainty == Certainty::sure);
}

TEST_CASE("two CPUs are a machine too") {
    World together{2, 1}, apart{2, 2};
    CHECK(cores_text(found(together)) == "0-1");
    CHECK(cores_text(found(apart)) == "");
}

TEST_CASE("a large machine's pairs are found by sets") {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        World world{64, 32};
        const Contention contention = found(world, {}, 5000, seed);
        CHECK_FALSE(contention.is_every_pair);
        CHECK(contention.cores().size() == 32);
        CHECK(contention.cores()[3] == CpuSet{3, 35});
        CHECK(contention.pairs.size() < 200);
        CHECK(contention.untried == 0);
        CHECK(world.spent <= std::chrono::milliseconds(6500));
    }
}

TEST_CASE("four threads of a core, and none") {
    World power{64, 16};
    const Contention four = found(power, {}, 20'000);
    CHECK(four.cores().size() == 16);
    CHECK(four.cores()[0] == CpuSet{0, 16, 32, 48});
    World cloud{96, 96};
    CHECK(found(cloud).cores().empty());
}

TEST_CASE("what the kernel says is tried first when time is short") {
    World world{64, 64};
    Pairs declared;
    for (int cpu = 0; cpu < 32; ++cpu) declared.emplace_back(cpu, cpu + 32);
    const Contention contention = found(world, declared, 500);
    REQUIRE(contention.pairs.size() >= declared.size());
    for (const auto& pair : declared) {
        const auto is_it = [&](const PairSpeed& speed) {
            return speed.a == pair.first && speed.b == pair.second;
        };
        CHECK(std::any_of(contention.pairs.begin(), contention.pairs.end(), is_it));
    }
    CHECK(contention.cores().empty());
}

TEST_CASE("scatter makes no cores") {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        World world{12, 12};
        world.scatter = 0.05;
        world.spread = 0.1;
        CHECK(found(world, {}, 5000, seed).cores().empty());
    }
}

TEST_CASE("a pair is judged by its speed and how sure that is") {
    CHECK(judged(0.55, 0.02) == Sharing::shared);
    CHECK(judged(0.98, 0.05) == Sharing::apart);
    CHECK(judged(0.75, 0.1) == Sharing::unsure);
    CHECK(judged(0.55, 0.5) == Sharing::unsure);
    CHECK(judged(0.55, 0, 0) == Sharing::unsure);
    PairSpeed pair{0, 1, 0.7, 0.05, 100};
    judge(pair);
    CHECK(pair.certainty == Certainty::likely);
}

TEST_CASE("who is not slowed acquits all beside it") {
    Suspects suspects(CpuSet{0, 1, 2, 5});
    CHECK(suspects.pairs().size() == 6);
    suspects.acquit(CpuSet{0, 1, 5}, CpuSet{1});
    CHECK(suspects.pairs() == Pairs{{0, 2}, {0, 5}, {1, 2}, {2, 5}});
    suspects.acquit(CpuSet{0, 1, 5}, {});
    CHECK(suspects.pairs().size() == 4);
}

TEST_CASE("a failure to work is the result") {
    const auto result = measure_contention(
        CpuSet{0, 1}, {}, std::chrono::seconds(1),
        [](const CpuSet&, std::chrono::nanoseconds) -> Result<std::vector<Summary>> { return fail("no"); },
        [](double) {});
    REQUIRE_FALSE(result);
    CHECK(result.error().what == "no");
}

TEST_CASE("products are those of numbers") {
    CHECK(multiply(0) == (1 ^ 2 ^ 3 ^ 4 ^ 5 ^ 6 ^ 7 ^ 8 ^ 9 ^ 10 ^ 11 ^ 12));
    std::uint64_t product = 0;
    for (std::uint64_t number = 1; number <= 12; ++number)
        product ^= number * 0x4f1bbcdd * std::uint64_t{0x4f1bbcdd};
    CHECK(multiply(2) == product);
}
