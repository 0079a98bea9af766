// multiply(): the loop that keeps the multipliers of a core busy and needs nothing else of it.
#pragma once

#include <cstdint>

namespace torque::measure {

// `rounds` times twelve multiplications, none of which needs another's result of the same round. A core that
// starts four of them a cycle and takes three cycles for each is as busy as it can be; threads of one core
// have to share. Touches no memory. Gives a number so that the work is not for nothing.
std::uint64_t multiply(std::uint64_t rounds);

}  // namespace torque::measure
