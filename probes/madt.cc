#include "probes/madt.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace torque {
namespace {

constexpr std::size_t kTableBytesMax = std::size_t{1} << 20;
constexpr std::size_t kHeaderBytes = 44;  // up to the first entry
constexpr std::uint32_t kEnabled = 1;     // of an entry's flags

std::uint32_t byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

std::uint32_t word_at(std::string_view text, std::size_t at) {
    return byte_at(text, at) | byte_at(text, at + 1) << 8 | byte_at(text, at + 2) << 16 |
           byte_at(text, at + 3) << 24;
}

// Where an entry of this type has what.
struct Form {
    std::uint32_t type;
    std::size_t bytes;
    std::size_t id_at, id_bytes, flags_at;
};
constexpr Form kForms[] = {{0, 8, 3, 1, 4}, {9, 16, 4, 4, 8}};

}  // namespace

std::vector<std::uint32_t> read_madt_apic_ids(const Dir& root) {
    // Not Dir::read(), which takes a final newline for one.
    const auto file = root.open_file("sys/firmware/acpi/tables/APIC");
    const std::string_view text = file != nullptr ? file->read_at(0, kTableBytesMax) : "";
    if (text.size() < kHeaderBytes || !text.starts_with("APIC")) return {};
    const std::string_view table = text.substr(0, word_at(text, 4));
    std::vector<std::uint32_t> ids;
    for (std::size_t at = kHeaderBytes; at + 2 <= table.size();) {
        const std::uint32_t type = byte_at(table, at);
        const std::size_t bytes = byte_at(table, at + 1);
        if (bytes < 2 || bytes > table.size() - at) return {};
        const auto form = std::find_if(std::begin(kForms), std::end(kForms), [&](const Form& one) {
            return one.type == type && one.bytes == bytes;
        });
        if (form != std::end(kForms) && (word_at(table, at + form->flags_at) & kEnabled) != 0) {
            const std::uint32_t id =
                form->id_bytes == 1 ? byte_at(table, at + form->id_at) : word_at(table, at + form->id_at);
            if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
        }
        at += bytes;
    }
    return ids;
}

}  // namespace torque
