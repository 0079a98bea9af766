#include "cli/read_machine.h"

#include "layout/machine_json.h"
#include "layout/machine_json_read.h"
#include "machine/build.h"
#include "machine/from_hwloc.h"
#include "sys/apart.h"
#include "sys/host.h"
#include "torque/planner.h"

namespace torque {
namespace {

// hwloc trusts what it reads, and damaged XML can crash it: it works in a process of its own, which sends the
// machine as the document that we check.
Result<Machine> ask_hwloc(const Document& document) {
    const bool is_xml = document.kind == Document::Kind::xml;
    const auto work = [&]() -> Result<std::string> {
        const Result<Machine> machine = is_xml ? machine_from_hwloc_xml(document.text, document.name)
                                               : machine_from_hwloc_synthetic(document.text, document.name);
        if (!machine) return tl::unexpected<Error>(machine.error());
        return machine_json(*machine);
    };
    const Result<std::string> text = run_apart(work, document.name);
    if (!text) return tl::unexpected<Error>(text.error());
    return parse_machine(*text, document.name);
}

Result<Machine> machine_of(const Document& document) {
    if (document.kind == Document::Kind::json) return parse_machine(document.text, document.name);
    return ask_hwloc(document);
}

}  // namespace

Result<Machine> read_machine(const std::string& input) {
    const Result<Input> from = input.empty() ? Result<Input>(live_host()) : open_input(input);
    if (!from) return tl::unexpected<Error>(from.error());
    const auto* host = std::get_if<Host>(&*from);
    Result<Machine> machine = host != nullptr ? build_machine(*host) : machine_of(std::get<Document>(*from));
    if (machine) machine->groups = scheduling_groups(*machine);
    return machine;
}

}  // namespace torque
