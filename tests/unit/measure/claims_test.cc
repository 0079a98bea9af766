// Declared sizes against knees: which knee is which level's, and how sure.
#include "measure/claims.h"

#include "catch.h"

using namespace torque::measure;

namespace {

constexpr double KiB = 1024, MiB = 1024 * KiB;

Knee knee(double at) {
    return {at, static_cast<std::size_t>(at * 0.9), static_cast<std::size_t>(at * 1.1), 1, 4, false};
}

const std::vector<double> kDeclared{32 * KiB, 1 * MiB, 32 * MiB};

std::vector<Verdict> verdicts(const std::vector<Claim>& claims) {
    std::vector<Verdict> out;
    for (const Claim& claim : claims) out.push_back(claim.verdict);
    return out;
}

using enum Verdict;

}  // namespace

TEST_CASE("levels that are where they are said to be") {
    const auto claims = judge(kDeclared, {knee(34 * KiB), knee(0.9 * MiB), knee(40 * MiB)}, 128 * MiB);
    CHECK(verdicts(claims) == std::vector{confirmed, confirmed, confirmed});
    CHECK(claims[2].knee == 2u);
}

TEST_CASE("a level of another size, and one that is missing") {
    CHECK(verdicts(judge(kDeclared, {knee(34 * KiB), knee(MiB), knee(6 * MiB)}, 128 * MiB)) ==
          std::vector{confirmed, confirmed, differs});
    const auto claims = judge(kDeclared, {knee(34 * KiB), knee(30 * MiB)}, 128 * MiB);
    CHECK(verdicts(claims) == std::vector{confirmed, not_seen, confirmed});
    CHECK(claims[2].knee == 1u);
    CHECK(verdicts(judge(kDeclared, {}, 128 * MiB)) == std::vector{not_seen, not_seen, not_seen});
}

TEST_CASE("a knee that nobody declared is no level's") {
    const auto claims =
        judge({32 * KiB, 32 * MiB}, {knee(32 * KiB), knee(1 * MiB), knee(32 * MiB)}, 128 * MiB);
    CHECK(verdicts(claims) == std::vector{confirmed, confirmed});
    CHECK(claims[1].knee == 2u);
    CHECK(judge({}, {knee(1)}, 1).empty());
}

TEST_CASE("a curve that ends early says nothing of what is larger") {
    CHECK(verdicts(judge(kDeclared, {knee(32 * KiB)}, 1.2 * MiB)) ==
          std::vector{confirmed, not_reached, not_reached});
}

TEST_CASE("a knee is as sure as the passes that have it") {
    const auto stairs = [](std::size_t size) {
        Curve curve;
        for (const std::size_t at : ladder(16, 4096, 4096, 1))
            curve.push_back({at, at > size ? 4.0 : 1.0, 0, 9});
        return curve;
    };
    CHECK(agreement(knee(64), {stairs(64), stairs(72), stairs(512), stairs(5000)}) == 0.5);
    CHECK(agreement(knee(64), {}) == 0);
}

TEST_CASE("what lines cost by themselves is not the TLB's") {
    // 512 lines fit the first cache, 64 pages the TLB, whose miss costs 2 ns.
    Curve pages, lines;
    for (const std::size_t count : ladder(16, 4096, 4096, 1)) {
        lines.push_back({count * 64, count > 448 ? 4.0 : 1.0, 0, 9});
        pages.push_back({count, (count > 512 ? 4.0 : 1.0) + (count > 64 ? 2 : 0), 0, 9});
    }
    const auto knees = find_knees(without_caches(pages, lines, 64));
    REQUIRE(knees.size() == 1);
    CHECK(knees[0].from == 64);
    CHECK(knees[0].before_ns == 1);
    CHECK(knees[0].after_ns == 3);
    CHECK(without_caches(pages, {}, 64).empty());
}
