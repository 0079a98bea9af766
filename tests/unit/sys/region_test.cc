// Memory of a chosen kind: aligned, writable, alone, and given back.
#include "sys/region.h"

#include <cstdint>
#include <utility>

#include "catch.h"

using namespace torque;

TEST_CASE("memory of either kind of pages can be written to") {
    for (const PageWish wish : {PageWish::base, PageWish::huge}) {
        auto region = Region::map(3 * kHugePageBytes - 1, wish, std::nullopt);
        REQUIRE(region);
        CHECK(region->size() == 3 * kHugePageBytes);
        CHECK(reinterpret_cast<std::uintptr_t>(region->bytes()) % kHugePageBytes == 0);
        region->bytes()[0] = region->bytes()[region->size() - 1] = std::byte{1};
        Region other = std::move(*region);
        CHECK(other.bytes()[0] == std::byte{1});
        CHECK(region->bytes() == nullptr);
    }
}

TEST_CASE("more than there is room for is an error") {
    const auto region = Region::map(std::size_t{1} << 55, PageWish::base, std::nullopt);
    REQUIRE_FALSE(region);
    CHECK(region.error().what.find("no room") != std::string::npos);
}

TEST_CASE("a node that cannot be is refused") {
    for (const int node : {-1, 1023, 1024}) {
        const auto region = Region::map(kHugePageBytes, PageWish::base, NodeId{node});
        REQUIRE_FALSE(region);
        CHECK(region.error().what.find("node " + std::to_string(node)) != std::string::npos);
        CHECK_FALSE(region.error().hint.empty());
    }
}
