#include "cli/read_machine.h"

#include "machine/build.h"
#include "sys/host.h"
#include "torque/planner.h"

namespace torque {

Result<Machine> read_machine(const std::string& input) {
    const Result<Host> host = input.empty() ? Result<Host>(live_host()) : open_host(input);
    if (!host) return tl::unexpected<Error>(host.error());
    Result<Machine> machine = build_machine(*host);
    if (machine) machine->groups = scheduling_groups(*machine);
    return machine;
}

}  // namespace torque
