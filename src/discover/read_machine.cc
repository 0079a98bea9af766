#include "discover/read_machine.h"

#include "machine/build.h"
#include "machine/devices.h"
#include "machine/from_hwloc.h"
#include "sys/apart.h"
#include "sys/host.h"
#include "torque/discover.h"
#include "torque/json.h"
#include "torque/planner.h"

namespace torque {
namespace {

Result<Machine> machine_of(const Document& document) {
    if (document.kind == Document::Kind::json) return parse_machine(document.text, document.name);
    const bool is_xml = document.kind == Document::Kind::xml;
    return read_apart(
        [&] {
            return is_xml ? machine_from_hwloc_xml(document.text, document.name)
                          : machine_from_hwloc_synthetic(document.text, document.name);
        },
        document.name);
}

}  // namespace

Result<Machine> read_apart(const std::function<Result<Machine>()>& work, const std::string& name) {
    const auto send = [&]() -> Result<std::string> {
        const Result<Machine> machine = work();
        if (!machine) return tl::unexpected<Error>(machine.error());
        return machine_json(*machine);
    };
    const Result<std::string> text = run_apart(send, name);
    if (!text) return tl::unexpected<Error>(text.error());
    return parse_machine(*text, name);
}

Result<Machine> read_machine(const std::string& input, const Look& look) {
    const Result<Input> from = input.empty() ? Result<Input>(live_host()) : open_input(input);
    if (!from) return tl::unexpected<Error>(from.error());
    const auto* host = std::get_if<Host>(&*from);
    Result<Machine> machine = host != nullptr ? build_machine(*host) : machine_of(std::get<Document>(*from));
    if (!machine) return machine;
    if (host != nullptr && host->is_live) ask_nvml(*machine);
    if (look) {
        const Result<void> looked = look(host, *machine);
        if (!looked) return tl::unexpected<Error>(looked.error());
    }
    machine->groups = scheduling_groups(*machine);
    return machine;
}

Result<Machine> discover(const std::string& input) {
    return read_machine(input, {});
}

}  // namespace torque
