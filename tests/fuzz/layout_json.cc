// Layouts: what is accepted is written back to the same layout, and is compared with a machine as the server
// does.
#include "layout/layout_json.h"

#include "claim.h"
#include "render/explain.h"
#include "serve/verify_layout.h"
#include "tree.h"

namespace {

constexpr char kMachine[] =
    "sys/devices/system/cpu/possible\n0-3\0"
    "sys/devices/system/cpu/online\n0-2\0"
    "sys/devices/system/cpu/cpu1/topology/thread_siblings_list\n0-1\0"
    "sys/devices/system/node/node0/cpulist\n0-3\0"
    "proc/cpuinfo\nmodel name\t: Torque Test CPU\n";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto layout = torque::parse_layout(fuzz::text_of(data, size), "fuzz");
    const auto fleet = torque::parse_fleet(fuzz::text_of(data, size), "fuzz");
    if (fleet) {
        const auto again = torque::parse_fleet(torque::fleet_json(*fleet), "fuzz");
        fuzz::claim(again && again->size() == fleet->size(), "a fleet that is written is read as the same");
    }
    if (!layout) return 0;
    fuzz::claim(fleet && fleet->size() == 1 && fleet->front().layout == *layout,
                "a layout is a fleet of one");
    fuzz::claim(torque::parse_layout(torque::layout_json(*layout), "fuzz") == *layout,
                "a layout that is written is read as the same");
    torque::render_explanation(*layout, {});
    static const auto tree = fuzz::tree_of({kMachine, sizeof kMachine - 1});
    const auto root = torque::memory_dir(tree, tree.get());
    torque::serve::differences(*layout, *root);
    (void)torque::serve::check_workers(*layout, *root);
    return 0;
}
