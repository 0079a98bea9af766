// stream(): the loop that measures how much memory a CPU can read in a time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace torque::measure {

constexpr std::size_t kStreamStep = 128;  // bytes of a round: eight loads of 16

// Reads each byte once, in order, and gives the exclusive or of all words, so that no load can be left out.
// `size` is a multiple of kStreamStep, `memory` aligned to 16.
std::uint64_t stream(const std::byte* memory, std::size_t size);

}  // namespace torque::measure
