#include "measure/backing.h"

#include <string_view>

#include "base/parse.h"

namespace torque::measure {
namespace {

// "AnonHugePages:      2048 kB" in bytes.
std::optional<std::uint64_t> field_bytes(std::string_view line, std::string_view name) {
    if (!line.starts_with(name)) return std::nullopt;
    line.remove_prefix(name.size());
    if (!line.starts_with(":") || !line.ends_with(" kB")) return std::nullopt;
    line.remove_prefix(1);
    line.remove_suffix(3);
    const auto kib = parse_unsigned(trim_space(line), std::uint64_t{1} << 50);
    return kib ? std::optional(*kib * 1024) : std::nullopt;
}

// "7f0000000000-7f0000200000 rw-p 00000000 00:00 0" is where a mapping begins; fields have a colon first.
std::optional<std::uint64_t> mapping_begin(std::string_view line) {
    const std::string_view first = take_until(line, ' ');
    const std::size_t dash = first.find('-');
    return dash == first.npos ? std::nullopt : parse_hex(first.substr(0, dash));
}

}  // namespace

std::optional<Backing> read_backing(const Dir& root, std::uint64_t address) {
    const auto text = root.read("proc/self/smaps");
    if (!text) return std::nullopt;
    std::optional<Backing> found;
    for (std::string_view rest = *text; !rest.empty();) {
        const std::string_view line = take_line(rest);
        if (const auto begin = mapping_begin(line)) {
            if (found) return found;
            if (*begin == address) found.emplace();
        }
        if (!found) continue;
        if (const auto bytes = field_bytes(line, "Rss")) found->resident_bytes += *bytes;
        if (const auto bytes = field_bytes(line, "AnonHugePages")) found->huge_bytes += *bytes;
        // Reserved pages are no part of Rss.
        if (const auto bytes = field_bytes(line, "Private_Hugetlb")) {
            found->resident_bytes += *bytes;
            found->huge_bytes += *bytes;
        }
    }
    return found;
}

// "7f0000000000 bind:1 anon=512 dirty=512 N1=512 kernelpagesize_kB=4"
std::optional<std::map<int, std::uint64_t>> read_numa_maps(const Dir& root, std::uint64_t address) {
    constexpr int kNodesMax = 1024;
    const auto text = root.read("proc/self/numa_maps");
    if (!text) return std::nullopt;
    for (std::string_view rest = *text; !rest.empty();) {
        std::string_view line = take_line(rest);
        if (parse_hex(take_until(line, ' ')) != address) continue;
        std::map<int, std::uint64_t> pages;
        while (!line.empty()) {
            std::string_view word = take_until(line, ' ');
            if (!word.starts_with("N")) continue;
            const auto node = parse_unsigned(take_until(word, '=').substr(1), kNodesMax);
            const auto count = parse_unsigned(word);
            if (node && count) pages[static_cast<int>(*node)] += *count;
        }
        return pages;
    }
    return std::nullopt;
}

}  // namespace torque::measure
