// Connections stay on the CPU that takes their packets, where the layout steers a queue to each worker.
#pragma once

#include <optional>
#include <vector>

#include "torque/layout.h"

namespace torque::serve {

using Arrivals = std::vector<std::optional<CpuId>>;  // one a worker

// For each worker the CPU that the interrupts of its queue come to: its own, or its sibling under the SMT
// policy assist. None for any unless each has a queue and such a CPU of its own: one that alone had them
// would get all connections.
Arrivals arrival_cpus(const Layout& layout);

// Of the listeners of an address, this one gets what arrives on `cpu`; without one, whatever the kernel's
// hash gives it. SO_INCOMING_CPU, socket(7), which listeners heed since Linux 6.2; an older kernel keeps to
// the hash.
void prefer_arrivals(int listener, std::optional<CpuId> cpu);

// Whether listeners heed it here, tried with connections of our own over loopback.
bool has_arrivals();

}  // namespace torque::serve
