#include <unistd.h>

#include <vector>

#include "base/format.h"
#include "base/parse.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/read_measured.h"
#include "cli/terminal.h"
#include "layout/layout_json.h"
#include "plan/measured.h"
#include "render/explain.h"
#include "torque/discover.h"
#include "torque/json.h"
#include "torque/planner.h"

namespace torque {
namespace {

Result<CpuSet> read_kept_workers(const std::string& file) {
    const Result<Layout> layout = read_layout(file);
    if (!layout) return tl::unexpected<Error>(layout.error());
    CpuSet cpus;
    for (const Worker& worker : layout->workers) cpus.add(worker.cpu);
    return cpus;
}

void tell(const Layout& layout, const PlanOptions& options, const std::string& about) {
    if (options.explain) {
        say(render_explanation(layout, terminal_style(STDERR_FILENO)));
        return;
    }
    for (const std::string& warning : layout.warnings)
        say(formatted("torque-topo: warning: {}{}\n", about, warning));
}

Result<Layout> plan_for(const std::string& input, const Profile& profile, const Request& request,
                        const std::vector<std::string>& measured_files) {
    const Result<Machine> machine = discover(input);
    if (!machine) return tl::unexpected<Error>(machine.error());
    if (measured_files.empty()) return plan(*machine, profile, request);
    const Result<Measured> measured = read_measured(measured_files, *machine);
    if (!measured) return tl::unexpected<Error>(measured.error());
    return planning::plan_measured(*machine, *measured, profile, request);
}

// One layout for each machine, or none at all.
Result<void> plan_fleet(const PlanOptions& options, const Profile& profile, const Request& request) {
    std::vector<FleetMember> fleet;
    for (const std::string& input : options.inputs) {
        Result<Layout> layout = plan_for(input, profile, request, {});
        if (!layout) {
            Error error = layout.error();
            // Errors of reading name the input already.
            if (error.kind != ErrorKind::failure)
                error.where = error.where.empty() ? input : input + ": " + error.where;
            return tl::unexpected<Error>(std::move(error));
        }
        fleet.push_back({input, std::move(*layout)});
    }
    if (auto written = write_output(options.output, fleet_json(fleet)); !written) return written;
    for (const FleetMember& member : fleet) {
        if (options.explain) say(formatted("{}\n\n", printable(member.input, 200)));
        tell(member.layout, options, printable(member.input, 200) + ": ");
        if (options.explain && &member != &fleet.back()) say("\n");
    }
    return {};
}

}  // namespace

Result<void> run_plan(const PlanOptions& options) {
    const Result<Profile> profile = find_profile(options.profile);
    if (!profile) return tl::unexpected<Error>(profile.error());
    Request request = options.request;
    if (!options.keep.empty()) {
        Result<CpuSet> kept = read_kept_workers(options.keep);
        if (!kept) return tl::unexpected<Error>(kept.error());
        request.keep = std::move(*kept);
    }
    if (options.inputs.size() > 1) return plan_fleet(options, *profile, request);
    const std::string input = options.inputs.empty() ? "" : options.inputs.front();
    const Result<Layout> layout = plan_for(input, *profile, request, options.measured);
    if (!layout) return tl::unexpected<Error>(layout.error());
    if (auto written = write_output(options.output, layout_json(*layout)); !written) return written;
    tell(*layout, options, "");
    return {};
}

}  // namespace torque
