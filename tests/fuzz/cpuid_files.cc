// A folder of hwloc's puN files, given as "pu0\nlines...\0pu1\nlines...": some machine, or none.
#include "machine.h"
#include "machine/build.h"
#include "sys/cpuid_dump.h"
#include "tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    const auto tree = fuzz::tree_of(text);
    torque::Host host;
    host.name = "fuzz";
    const auto dir = torque::memory_dir(tree, tree.get());
    host.cpuid = torque::cpuid_from_pu_files(*dir, dir->list(""), host.name);
    if (!host.cpuid) return 0;
    const auto machine = torque::build_machine(host);
    if (machine) fuzz::check_machine(*machine, torque::Profile{"fuzz", "", {}, {}}, fuzz::Draw(text));
    return 0;
}
