// Which interrupts and queues of the near network device go where (rule R19).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/divide.h"
#include "torque/layout.h"

namespace torque::planning {

// Is there a queue for each worker? Then queue i is worker i's.
bool queues_suffice(const Survey& survey, std::size_t workers);

struct Steering {
    std::vector<RuntimeKnob> knobs;
    std::vector<std::string> leftovers;  // what cannot be steered, and why
    std::string why;                     // empty without a network device
};

// R19. With a queue for each worker: its interrupts on the worker's CPU, or on its sibling with --smt assist,
// its transmit queue chosen by that CPU, no packet steering; the other interrupts on housekeeping CPUs of the
// device's node. With fewer: all of them on the nearest core that keeps house. Packets are never steered to
// isolated CPUs, which the kernel refuses.
Steering steer_queues(const Machine& machine, const Request& request, const Survey& survey,
                      const Division& division, const std::vector<Worker>& workers);

// The queue that an interrupt serves, by the name that its driver gave it: "eth0-TxRx-3" and
// "mlx5_comp3@pci:0000:65:00.0" 3, "virtio2-config" none.
std::optional<int> queue_of_interrupt(std::string_view name);

}  // namespace torque::planning
