// Plans for the planner's tests, made or refused.
#pragma once

#include <optional>

#include "catch.h"
#include "torque/planner.h"
#include "unit/plan/worlds.h"

namespace worlds {

inline torque::Request ask(std::optional<int> workers) {
    torque::Request request;
    request.workers = workers;
    return request;
}

inline torque::Layout planned(const torque::Machine& machine, const torque::Request& request) {
    auto layout = torque::plan(machine, full_profile(), request);
    INFO((layout ? std::string() : layout.error().what + " / " + layout.error().hint));
    REQUIRE(layout.has_value());
    return *layout;
}

inline torque::Error refused(const torque::Machine& machine, const torque::Request& request) {
    auto layout = torque::plan(machine, full_profile(), request);
    REQUIRE_FALSE(layout.has_value());
    return layout.error();
}

inline torque::CpuSet cpus_of(const torque::Layout& layout) {
    torque::CpuSet out;
    for (const torque::Worker& worker : layout.workers) out.add(worker.cpu);
    return out;
}

}  // namespace worlds
