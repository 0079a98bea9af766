// Discovers a machine, plans workers on it, and prints the layout.
// usage: plan_here WORKERS [MACHINE]
#include <cstdio>
#include <cstdlib>

#include "torque/discover.h"
#include "torque/json.h"
#include "torque/planner.h"

namespace {

int report(const torque::Error& error) {
    std::fprintf(stderr, "error: %s\nhint: %s\n", error.what.c_str(), error.hint.c_str());
    return 1;
}

}  // namespace

int main(int count, char** arguments) {
    const auto machine = torque::discover(count > 2 ? arguments[2] : "");
    if (!machine) return report(machine.error());
    const auto profile = torque::find_profile("full");
    if (!profile) return report(profile.error());
    torque::Request request;
    request.workers = count > 1 ? std::atoi(arguments[1]) : 1;
    const auto layout = torque::plan(*machine, *profile, request);
    if (!layout) return report(layout.error());
    std::fputs(torque::layout_json(*layout).c_str(), stdout);
    return 0;
}
