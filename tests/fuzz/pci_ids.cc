// Lists of PCI names, after four numbers to look up: a name that is found is on a line of its number.
#include "probes/pci_ids.h"

#include <cstring>

#include "claim.h"
#include "tree.h"

namespace {

constexpr std::size_t kNumbers = 4;

// Whether a line begins with `start`, a number and two spaces, and holds nothing but the name behind it.
bool is_in(std::string_view list, std::string_view start, std::uint16_t number, std::string_view name) {
    while (!list.empty()) {
        std::string_view line = torque::take_line(list);
        if (!line.starts_with(start)) continue;
        line.remove_prefix(start.size());
        const std::size_t gap = line.find("  ");
        if (gap == line.npos || torque::parse_hex(line.substr(0, 4)) != number) continue;
        if (torque::trim_space(line.substr(gap)) == name) return true;
    }
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::uint16_t numbers[kNumbers];
    if (size < sizeof numbers) return 0;
    std::memcpy(numbers, data, sizeof numbers);
    const std::string_view list = fuzz::text_of(data + sizeof numbers, size - sizeof numbers);
    auto tree = std::make_shared<torque::MemoryNode>();
    torque::MemoryNode* file = tree->make("usr/share/misc/pci.ids");
    file->kind = torque::MemoryNode::Kind::file;
    file->text = std::string(list);
    const auto names = torque::read_pci_names(*torque::memory_dir(tree, tree.get()),
                                              {{numbers[0], numbers[1]}, {numbers[2], numbers[3]}});
    for (const auto& [id, found] : names) {
        if (found.vendor) fuzz::claim(is_in(list, "", id.first, *found.vendor), "the vendor is in the list");
        if (found.device)
            fuzz::claim(is_in(list, "\t", id.second, *found.device), "the device is in the list");
    }
    return 0;
}
