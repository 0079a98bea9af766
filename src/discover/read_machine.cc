#include "discover/read_machine.h"

#include <algorithm>
#include <utility>

#include "machine/build.h"
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
    return read_apart({is_xml ? "xml" : "synthetic", document.name}, document.text, document.name);
}

// What NVIDIA's library adds to the devices, where its driver runs one of them. Whoever has no such library
// has what the kernel tells.
void ask_nvml(Machine& machine) {
    const bool has_any = std::any_of(
        machine.devices.begin(), machine.devices.end(),
        [](const Device& device) { return device.driver == "nvidia" && !device.address.empty(); });
    if (!has_any) return;
    Result<Machine> told = read_apart({"nvml"}, machine_json(machine), "NVML");
    if (!told) return;
    machine.devices = std::move(told->devices);
    machine.provenance = std::move(told->provenance);
}

}  // namespace

Result<Machine> read_apart(const std::vector<std::string>& words, std::string_view input,
                           const std::string& name) {
    const Result<std::string> text = run_apart(words, input, name);
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
