// bounce(): the loop that measures how long a cache line takes from one CPU to another and back.
#pragma once

#include <atomic>
#include <cstdint>

namespace torque::measure {

// Two lines long: processors fetch the neighbour of a line with it.
struct alignas(128) Line {
    std::atomic<std::uint32_t> turn = 0;  // the step that is to be taken; stop() ends both sides
    static constexpr std::uint32_t kStop = 0xffffffff;
};

// Waits until line.turn is `first`, makes it `first` + 1, then waits for `first` + 2, and so on, `trips`
// times. Two threads with `first` one apart hand the line to and fro; a trip of either is one round trip.
// False if the other side did not answer within about `spins_max` looks at the line, which is then stopped,
// or has stopped it. `first` + 2 * `trips` has to stay below kStop.
bool bounce(Line& line, std::uint32_t first, std::uint32_t trips, std::uint32_t spins_max);

}  // namespace torque::measure
