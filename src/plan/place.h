// Who sits where: how many workers a machine holds, and on which CPUs a given number of them goes.
#pragma once

#include <vector>

#include "plan/survey.h"

namespace torque::planning {

// R4: whole cores that housekeeping keeps on a node with so many workers.
constexpr int floor_cores(int workers) {
    return workers <= 16 ? 1 : (workers + 15) / 16;
}

// Workers that each node holds, by index into Survey::nodes; 0 for nodes that --near rules out.
// keep_floor: leave the cores of R4 to housekeeping; a container may do without (R11).
std::vector<int> node_capacities(const Survey& survey, SmtPolicy smt, bool keep_floor);

// Workers that the request could have at most.
int slots_total(const Survey& survey, const Request& request);

struct Seat {
    int core = 0;  // index into Survey::cores
    int cpu = 0;
    bool is_shared = false;  // another worker has the same CPU (R15)
};

struct Placement {
    std::vector<Seat> seats;  // by node in the survey's order, then by CPU: a worker's id is its position
    std::vector<int> node_workers;  // by node
    std::vector<int> floor;         // cores that would be slots and are kept for housekeeping (R4)
    bool keeps_floor = true;        // false in a container that needs all of its cores (R11)
};

// Seats `workers`. Those beyond slots_total() share the CPUs of the others, in their order.
Placement place(const Survey& survey, const Request& request, int workers);

// Shares `amount` out one by one to whoever has least and is not full; among equals to one who has less than
// it wants, then to the first. counts: what each has already; capacities: what each may have in all; wants:
// as long as these.
void water_fill(std::vector<int>& counts, const std::vector<int>& capacities, const std::vector<int>& wants,
                int amount);

// Puts `amount` where it fits most tightly; while it fits nowhere, fills whoever has most room. Among equals
// whoever wants most, then the first.
void best_fit(std::vector<int>& counts, const std::vector<int>& capacities, const std::vector<int>& wants,
              int amount);

}  // namespace torque::planning
