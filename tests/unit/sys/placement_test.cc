// Where pages are, by the kernel: all of them on one node or another once they are touched.
#include "sys/placement.h"

#include <cstring>

#include "catch.h"
#include "sys/region.h"

using namespace torque;

TEST_CASE("pages that were touched are on nodes, and others are not") {
    const auto region = Region::map(kHugePageBytes, PageWish::base, std::nullopt);
    REQUIRE(region);
    const auto before = pages_by_node(region->bytes(), region->size());
    if (!before) return;  // a kernel without NUMA, or a sandbox
    const std::uint64_t all = region->size() / base_page_bytes();
    CHECK(*before == std::map<int, std::uint64_t>{{-1, all}});
    std::memset(region->bytes(), 1, region->size() / 2);
    const auto after = pages_by_node(region->bytes(), region->size());
    REQUIRE(after);
    CHECK(after->at(-1) == all / 2);
    std::uint64_t sum = 0;
    for (const auto& [node, pages] : *after) sum += pages;
    CHECK(sum == all);
}
