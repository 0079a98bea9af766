// The handlers of the example program, by path.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "torque/handler.h"

// What the handlers share: workers use it at the same time.
struct Shared {
    std::atomic<std::uint64_t> visits{0};
};

std::vector<torque::Route> example_routes(Shared& shared);

torque::Handler answer_echo;
torque::Handler answer_visits;
torque::Handler answer_lines;
torque::Handler answer_status;
torque::Handler answer_deep;
