// A snapshot whose files and links hold anything: built, printed, planned for.
#include "machine.h"
#include "machine/build.h"
#include "tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    const auto tree = fuzz::tree_of(text);
    torque::Host host;
    host.name = "fuzz";
    host.root = torque::memory_dir(tree, tree.get());
    const auto machine = torque::build_machine(host);
    if (machine) fuzz::check_machine(*machine, torque::Profile{"fuzz", "", {}, {}}, fuzz::Draw(text));
    return 0;
}
