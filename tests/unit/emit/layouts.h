// Layouts for the tests of the formats.
#pragma once

#include <string>

#include "torque/layout.h"
#include "torque/result.h"

namespace layouts {

torque::Layout seed();  // i9-12900HK, four workers on 4,6,8,10
torque::Layout numa();  // two nodes of eight cores, eight workers on 4-7,12-15, memory on their own node
torque::Layout many(int workers);  // on CPUs 1, 2, ..., all of node 0; CPU 0 does the housekeeping

// The format's text of the layout; fails the test where there is none.
std::string text(const char* format, const torque::Layout& layout);
torque::Error error(const char* format, const torque::Layout& layout);

// The lines that are not comments.
std::string body(const char* format, const torque::Layout& layout);

}  // namespace layouts
