// The clock by which loops are timed that run for many times what a look at it costs.
#pragma once

#include <chrono>

#include "measure/clock.h"

namespace torque::measure {

using Clock = std::chrono::steady_clock;  // clock_cost_ns() is of this one

inline double ns_between(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double, std::nano>(to - from).count();
}

}  // namespace torque::measure
