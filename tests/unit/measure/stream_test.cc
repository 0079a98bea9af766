// The loop that reads memory: every byte, each once.
#include "measure/stream.h"

#include <array>
#include <cstring>

#include "catch.h"

using namespace torque::measure;

TEST_CASE("every word is in the result") {
    alignas(16) std::array<std::byte, 4 * kStreamStep> memory{};
    CHECK(stream(memory.data(), memory.size()) == 0);
    for (std::size_t at = 0; at < memory.size(); ++at) {
        memory[at] = std::byte{0x5a};
        CHECK(stream(memory.data(), memory.size()) == std::uint64_t{0x5a} << at % 8 * 8);
        memory[at] = std::byte{0};
    }
    memory[kStreamStep] = std::byte{1};
    CHECK(stream(memory.data(), kStreamStep) == 0);
    CHECK(stream(memory.data(), 0) == 0);
}
