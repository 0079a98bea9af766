// A snapshot whose files hold anything ("path\ncontent\0path\ncontent..."): built, planned for and printed.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/parse.h"
#include "layout/layout_json.h"
#include "layout/machine_json.h"
#include "machine/build.h"
#include "render/tree.h"
#include "sys/memory_dir.h"
#include "torque/planner.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto tree = std::make_shared<torque::MemoryNode>();
    for (std::string_view rest(reinterpret_cast<const char*>(data), size); !rest.empty();) {
        std::string_view text = torque::take_until(rest, '\0');
        const std::string_view path = torque::take_line(text);
        torque::MemoryNode* node = path.size() < 200 ? tree->make(path) : nullptr;
        if (node == nullptr || !node->entries.empty()) continue;
        node->kind = torque::MemoryNode::Kind::file;
        node->text = std::string(text);
    }
    torque::Host host;
    host.name = "fuzz";
    host.root = torque::memory_dir(tree, tree.get());
    auto machine = torque::build_machine(host);
    if (!machine || machine->cpus.size() > 4096) return 0;
    machine->groups = torque::scheduling_groups(*machine);
    torque::machine_json(*machine);
    torque::render_tree(*machine, {});
    const auto layout = torque::plan(*machine, torque::Profile{"fuzz", "", {}, {}}, {});
    if (layout && torque::parse_layout(torque::layout_json(*layout), "fuzz") != *layout) std::abort();
    return 0;
}
