// What a run of torque-load found, for people and as torque.load/1.
#pragma once

#include <string>

#include "load/client.h"
#include "load/options.h"

namespace torque::load {

struct Report {
    Options options;
    std::uint32_t threads = 1;
    Outcome total;  // of all threads; seconds of the longest
};

std::string report_text(const Report& report);
std::string report_json(const Report& report);

}  // namespace torque::load
