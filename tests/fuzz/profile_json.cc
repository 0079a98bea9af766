// Profiles: whatever they ask for, a plan by them is a layout that can be written and read.
#include "torque/json.h"

#include "machine.h"
#include "torque/planner.h"

namespace {

// Four cores of two threads each.
torque::Machine small_machine() {
    torque::Machine machine;
    machine.host.online = machine.host.possible = torque::CpuSet::range(0, 7);
    machine.packages.push_back({torque::PackageId{0}, machine.host.online});
    for (int cpu = 0; cpu < 8; ++cpu) {
        torque::Cpu& added = machine.cpus.emplace_back();
        added.id = torque::CpuId{cpu};
        added.core = torque::CoreId{cpu / 2};
        added.smt = cpu % 2;
        added.package = torque::PackageId{0};
        if (cpu % 2 == 1) continue;
        torque::Core& core = machine.cores.emplace_back();
        core.id = *added.core;
        core.package = added.package;
        core.cpus = {cpu, cpu + 1};
    }
    return machine;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    const auto profile = torque::parse_profile(text, "fuzz");
    if (!profile) return 0;
    static const torque::Machine machine = small_machine();
    fuzz::Draw draw(text);
    torque::Request request = fuzz::request_for(machine, draw);
    request.core_class = torque::ClassChoice::any;
    request.workers = 1 + draw.below(2);
    request.require_isolation = false;
    const auto layout = torque::plan(machine, *profile, request);
    fuzz::claim(layout.has_value(), "a profile chooses parameters, never CPUs");
    fuzz::check_layout(*layout);
    return 0;
}
