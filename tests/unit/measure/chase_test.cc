// The chain that the loop follows: one cycle through every line, in an order that nobody can guess.
#include "measure/chase.h"

#include <cstdlib>
#include <memory>
#include <set>
#include <vector>

#include "catch.h"

using namespace torque::measure;

namespace {

struct Free {
    void operator()(std::byte* memory) const { std::free(memory); }
};

constexpr std::size_t kStride = 64;

std::unique_ptr<std::byte, Free> lines(std::size_t count) {
    return std::unique_ptr<std::byte, Free>(
        static_cast<std::byte*>(std::aligned_alloc(kStride, kStride * count)));
}

// Indices in the order of the cycle, from the first on, until it comes back or does not.
std::vector<std::size_t> order(const Chain& chain) {
    std::vector<std::size_t> indices;
    const auto* base = reinterpret_cast<const std::byte*>(chain.first());
    for (const Cell* at = chain.first(); indices.size() <= chain.cells();) {
        indices.push_back(static_cast<std::size_t>(reinterpret_cast<const std::byte*>(at) - base) / kStride);
        at = at->next;
        if (at == chain.first()) break;
    }
    return indices;
}

}  // namespace

TEST_CASE("a chain is one cycle through all lines, however it grew") {
    const auto memory = lines(1000);
    Chain chain(memory.get(), kStride, 1000, 1);
    for (const std::size_t cells : {1, 2, 3, 16, 17, 1000}) {
        chain.grow(cells);
        const auto indices = order(chain);
        CHECK(indices.size() == cells);
        CHECK(std::set<std::size_t>(indices.begin(), indices.end()).size() == cells);
    }
    chain.grow(10);  // never smaller
    CHECK(chain.cells() == 1000);
}

TEST_CASE("a window is left when all of it was seen, and not before") {
    const auto memory = lines(160);
    Chain chain(memory.get(), kStride, 32, 1);
    for (const std::size_t cells : {40, 160}) chain.grow(cells);
    const auto indices = order(chain);
    REQUIRE(indices.size() == 160);
    for (std::size_t i = 0; i < indices.size(); ++i) CHECK(indices[i] / 32 == i / 32);
}

TEST_CASE("every order is as likely as any other") {
    // Four lines have six cycles, by who follows whom.
    const auto memory = lines(4);
    int seen[4] = {};
    for (std::uint64_t seed = 0; seed < 6000; ++seed) {
        Chain chain(memory.get(), kStride, 4, seed);
        chain.grow(4);
        ++seen[order(chain)[1]];
    }
    CHECK(seen[0] == 0);
    for (int line = 1; line < 4; ++line) CHECK(std::abs(seen[line] - 2000) < 200);
}

TEST_CASE("the loop takes sixteen steps a round") {
    const auto memory = lines(1000);
    Chain chain(memory.get(), kStride, 1000, 1);
    chain.grow(1000);
    const auto indices = order(chain);
    const auto* at = reinterpret_cast<const std::byte*>(chase(chain.first(), 3));
    CHECK(static_cast<std::size_t>(at - memory.get()) / kStride == indices[48]);
    CHECK(chase(chain.first(), 0) == chain.first());
}
