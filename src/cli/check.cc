#include "tune/check.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "base/format.h"
#include "base/parse.h"
#include "cli/check_report.h"
#include "cli/commands.h"
#include "cli/other_machine.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "layout/layout_json.h"
#include "machine/build.h"
#include "sys/host.h"
#include "sys/text_file.h"

namespace torque {
namespace {

using Fleet = std::vector<FleetMember>;

Result<Fleet> read_fleet(const std::string& path) {
    Result<std::string> text = read_text_file(path, kLayoutBytesMax);
    if (!text) {
        text.error().hint = kMakeLayoutHint;
        return tl::unexpected<Error>(text.error());
    }
    return parse_fleet(*text, path == "-" ? "standard input" : path);
}

// The one for the input by its name; else the one for such a machine.
Result<const Layout*> layout_for(const Fleet& fleet, const std::string& file, const std::string& input,
                                 const Machine& machine) {
    const std::string name = file == "-" ? "standard input" : file;
    if (fleet.size() == 1 && fleet.front().input.empty()) return &fleet.front().layout;
    const Layout* found = nullptr;
    for (const FleetMember& member : fleet) {
        if (!input.empty() && member.input == input) return &member.layout;
        if (member.layout.machine.fingerprint != machine.fingerprint) continue;
        if (found != nullptr && !(*found == member.layout)) {
            return fail("it has several layouts for such a machine", name,
                        "name the input as it was named when it was planned for");
        }
        found = &member.layout;
    }
    if (found != nullptr) return found;
    return fail(formatted("it has no layout for {}", input.empty() ? "this machine" : printable(input, 200)),
                name, "plan for it too: torque-topo plan takes several --input");
}

Result<CheckedMachine> check_machine(const CheckOptions& options, const Fleet& fleet,
                                     const std::string& input) {
    const Result<Host> host = input.empty() ? Result<Host>(live_host()) : open_host(input);
    if (!host) return tl::unexpected<Error>(host.error());
    if (host->root == nullptr) {
        return fail("it has no files of a kernel to check", host->name,
                    "a folder or an archive that holds sys/ and proc/ would do");
    }
    const Result<Machine> machine = build_machine(*host);
    if (!machine) return tl::unexpected<Error>(machine.error());
    const Result<const Layout*> layout = layout_for(fleet, options.layout, input, *machine);
    if (!layout) return tl::unexpected<Error>(layout.error());
    // Of one among many it is told in the report.
    if (options.inputs.size() < 2 && !options.force) {
        const auto same = refuse_other_machine(**layout, *machine, options.layout, "check");
        if (!same) return tl::unexpected<Error>(same.error());
    }
    tune::CheckSubject subject{**layout, *machine, *host};
    if (options.wait) subject.wait_a_second = [] { std::this_thread::sleep_for(std::chrono::seconds(1)); };
    return CheckedMachine{machine->host.source, tune::check(subject)};
}

}  // namespace

Result<ExitStatus> run_check(const CheckOptions& options) {
    const Result<Fleet> fleet = read_fleet(options.layout);
    if (!fleet) return tl::unexpected<Error>(fleet.error());
    std::vector<std::string> inputs = options.inputs;
    if (inputs.empty()) inputs.emplace_back();
    std::vector<CheckedMachine> checked;
    for (const std::string& input : inputs) {
        Result<CheckedMachine> machine = check_machine(options, *fleet, input);
        if (!machine) return tl::unexpected<Error>(machine.error());
        checked.push_back(std::move(*machine));
    }
    const TreeStyle style = terminal_style(options.output == "-" ? STDOUT_FILENO : -1);
    const bool is_one = checked.size() == 1;
    const std::string text = options.json ? is_one ? check_json(checked.front()) : fleet_check_json(checked)
                             : is_one ? check_text(checked.front(), style)
                                          : fleet_check_text(checked, style);
    if (const auto written = write_output(options.output, text); !written)
        return tl::unexpected<Error>(written.error());
    return std::any_of(checked.begin(), checked.end(), has_drift) ? kExitFound : kExitOk;
}

}  // namespace torque
