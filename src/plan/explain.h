// The reasons of a plan, one sentence for each rule that shaped it.
#pragma once

#include "plan/boot_line.h"
#include "plan/divide.h"
#include "plan/memory.h"
#include "plan/steer.h"

namespace torque::planning {

// What was decided; read only.
struct Outcome {
    const Machine& machine;
    const Request& request;
    const Survey& survey;
    const Placement& placement;
    const Division& division;
    const BootLine& boot;
    const std::vector<Worker>& workers;
    int slots = 0;  // workers that would have fitted
    const Steering& steering;
    const std::vector<BufferChoice>& buffers;  // by worker
};

std::vector<Decision> decisions(const Outcome& outcome);

// What the user should know before relying on the plan.
std::vector<std::string> warnings(const Outcome& outcome);

// What the plan could not move (managed interrupts on isolated CPUs, too few queues).
std::vector<std::string> leftovers(const Outcome& outcome);

}  // namespace torque::planning
