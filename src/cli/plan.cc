#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/parse.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/read_machine.h"
#include "cli/terminal.h"
#include "layout/builtin_profiles.h"
#include "layout/layout_json.h"
#include "layout/profile_json.h"
#include "render/explain.h"
#include "torque/planner.h"

namespace torque {
namespace {

Result<Profile> read_profile(const std::string& name) {
    const bool is_file = name.find('/') != name.npos || name.ends_with(".json");
    if (is_file) {
        std::ifstream file(name);
        std::ostringstream text;
        if (file) text << file.rdbuf();
        if (!file) return fail(fmt::format("cannot read the profile: {}", std::strerror(errno)), name);
        return parse_profile(text.str(), name);
    }
    std::vector<std::string_view> names;
    for (const BuiltinProfile& profile : builtin_profiles()) {
        if (profile.name == name) return parse_profile(profile.text, name);
        names.push_back(profile.name);
    }
    const auto meant = did_you_mean(name, names);
    return fail(fmt::format("there is no profile \"{}\"", printable(name)), {},
                meant ? fmt::format("did you mean --profile {}?", *meant)
                      : fmt::format("the profiles are: {}; a file of your own needs a slash or ends in .json",
                                    fmt::join(names, ", ")),
                ErrorKind::usage);
}

}  // namespace

Result<void> run_plan(const PlanOptions& options) {
    const Result<Profile> profile = read_profile(options.profile);
    if (!profile) return tl::unexpected<Error>(profile.error());
    const Result<Machine> machine = read_machine(options.input);
    if (!machine) return tl::unexpected<Error>(machine.error());
    const Result<Layout> layout = plan(*machine, *profile, options.request);
    if (!layout) return tl::unexpected<Error>(layout.error());
    if (auto written = write_output(options.output, layout_json(*layout)); !written) return written;
    if (options.explain) {
        std::fputs(render_explanation(*layout, terminal_style(STDERR_FILENO)).c_str(), stderr);
    } else {
        for (const std::string& warning : layout->warnings)
            fmt::print(stderr, "torque-topo: warning: {}\n", warning);
    }
    return {};
}

}  // namespace torque
