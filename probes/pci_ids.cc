#include "probes/pci_ids.h"

#include <algorithm>
#include <string_view>

#include "base/parse.h"

namespace torque {
namespace {

constexpr const char* kPaths[] = {"usr/share/misc/pci.ids", "usr/share/hwdata/pci.ids"};
constexpr std::uint64_t kListBytesMax = std::uint64_t{8} << 20;
constexpr std::size_t kWindowBytesMin = 2048;  // holds the longest line many times
constexpr std::size_t kWindowBytesMax = 8192;
constexpr std::size_t kLookupsMax = 64;
constexpr int kWindowsMax = 4096;  // of all look-ups together; one takes about 15 of a real list

enum class Depth { vendor, device };

// What a line means to a search at one depth: lines of other depths are passed over, but a search among the
// devices of a vendor ends at the next vendor, and one among vendors at the classes that follow them.
struct Key {
    enum class Kind { pass, number, end } kind = Kind::pass;
    std::uint64_t number = 0;
};

Key key_of(std::string_view line, Depth depth) {
    if (line.empty() || line.front() == '#') return {};
    const bool is_indented = line.front() == '\t';
    if (is_indented && (depth == Depth::vendor || line.starts_with("\t\t"))) return {};
    if (!is_indented && depth == Depth::device) return {Key::Kind::end};
    const auto number = parse_hex(line.substr(is_indented ? 1 : 0, 4));
    return number ? Key{Key::Kind::number, *number} : Key{Key::Kind::end};
}

struct Found {
    std::uint64_t offset = 0;  // of its line
    Key key;
    std::string name;
};

bool is_number(const Key& key) {
    return key.kind == Key::Kind::number;
}

// How far one may read on from `at` without missing a line that is not indented: some vendors have thousands
// of lines of their own.
std::size_t skip_indented(std::string_view text, std::size_t at) {
    constexpr std::size_t kBlockBytes = 64;
    for (; at + kBlockBytes < text.size(); at += kBlockBytes) {
        char is_there = 0;
        for (const char* c = text.data() + at; c != text.data() + at + kBlockBytes; ++c)
            is_there |= static_cast<char>((c[0] == '\n') & (c[1] != '\t'));
        if (is_there != 0) break;
    }
    return at;
}

// Bytes of the list. `behind` is the next line with a key that is known: greater than what is looked for.
struct Part {
    std::uint64_t begin = 0, end = 0;
    std::optional<Found> behind;
};

class PciList {
  public:
    explicit PciList(PartsFile& file)
        : file_(&file), whole_{0, std::min(file.size_bytes(), kListBytesMax), {}} {}

    struct Vendor {
        std::string name;
        Part devices;  // what is behind its line, up to the next vendor's
    };

    std::optional<Vendor> vendor(std::uint16_t number) {
        const Part part = halve(whole_, number, Depth::vendor);
        auto line = line_of(part, number, Depth::vendor);
        if (!line) return std::nullopt;
        const std::uint64_t begin = line->offset + 1;
        auto next = read_next(begin, part.end, Depth::vendor);
        if (!next) next = part.behind;
        return Vendor{std::move(line->name), {begin, next ? next->offset : whole_.end, {}}};
    }

    std::optional<Found> device(const Vendor& vendor, std::uint16_t number) {
        return line_of(halve(vendor.devices, number, Depth::device), number, Depth::device);
    }

  private:
    // About a window that holds the line of `number`, if `part` does.
    Part halve(Part part, std::uint64_t number, Depth depth) {
        while (part.end > part.begin + kWindowBytesMin) {
            std::uint64_t at = 0;
            auto found = find_inside(part, depth, at);
            if (found && is_number(found->key) && found->key.number <= number) {
                part.begin = found->offset;
            } else {
                if (found) part.behind = std::move(found);
                part.end = at;
            }
        }
        return part;
    }

    // The first line with a key behind the middle of `part`, or behind another place `at`, as what follows
    // the middle may be long and have none.
    std::optional<Found> find_inside(const Part& part, Depth depth, std::uint64_t& at) {
        const std::uint64_t eighth = (part.end - part.begin) / 8;
        for (const std::uint64_t eighths : {4, 2, 6, 1, 3, 5, 7}) {
            at = part.begin + eighths * eighth;
            auto found = read_next(at, at + 1, depth);
            if (found && found->offset < part.end) return found;
        }
        at = part.begin + 4 * eighth;
        auto found = read_next(at, part.end, depth);
        return found && found->offset < part.end ? found : std::nullopt;
    }

    std::optional<Found> line_of(const Part& part, std::uint64_t number, Depth depth) {
        auto found = read_next(part.begin, part.end, depth, number);
        return found && is_number(found->key) && found->key.number == number ? found : std::nullopt;
    }

    // The first line with a key not less than `least` that starts at `from` or behind it; reads up to
    // `limit`, and what it has read up to there may end behind it.
    std::optional<Found> read_next(std::uint64_t from, std::uint64_t limit, Depth depth,
                                   std::uint64_t least = 0) {
        std::uint64_t at = from == 0 ? 0 : from - 1;  // so that a line that starts at `from` is seen whole
        bool is_start = from == 0;
        for (std::size_t bytes = kWindowBytesMin; at < limit && windows_left_-- > 0;
             bytes = std::min(bytes * 2, kWindowBytesMax)) {
            const std::string_view window = file_->read_at(at, bytes);
            const bool is_last = window.size() < bytes;
            std::size_t line_at = 0;
            while (line_at < window.size()) {
                if (depth == Depth::vendor && (!is_start || window[line_at] == '\t')) {
                    const std::size_t on = skip_indented(window, line_at);
                    is_start = is_start && on == line_at;
                    line_at = on;
                }
                std::size_t line_end = window.find('\n', line_at);
                if (line_end == window.npos && is_last) line_end = window.size();
                if (line_end == window.npos) break;
                const auto line = window.substr(line_at, line_end - line_at);
                const Key key = is_start ? key_of(line, depth) : Key{};
                if (key.kind != Key::Kind::pass && !(is_number(key) && key.number < least))
                    return Found{at + line_at, key, name_in(line)};
                is_start = true;
                line_at = line_end + 1;
            }
            if (is_last || line_at == 0) return std::nullopt;  // the list's end, or no list at all
            at += line_at;
        }
        return std::nullopt;
    }

    // "8086  Intel Corporation"
    static std::string name_in(std::string_view line) {
        const std::size_t gap = line.find("  ");
        return gap == line.npos ? std::string{} : std::string(trim_space(line.substr(gap)));
    }

    PartsFile* file_;
    Part whole_;
    int windows_left_ = kWindowsMax;
};

}  // namespace

std::map<PciId, PciNames> read_pci_names(const Dir& root, const std::set<PciId>& ids) {
    std::map<PciId, PciNames> names;
    std::unique_ptr<PartsFile> file;
    for (const char* path : kPaths) {
        if (file == nullptr && !ids.empty()) file = root.open_file(path);
    }
    if (file == nullptr) return names;
    PciList list(*file);
    std::optional<std::uint16_t> vendor_id;  // looked up last
    std::optional<PciList::Vendor> vendor;
    for (const PciId& id : ids) {
        if (names.size() == kLookupsMax) break;
        if (vendor_id != id.first) vendor = list.vendor(id.first);
        vendor_id = id.first;
        if (!vendor || vendor->name.empty()) continue;
        const auto device = list.device(*vendor, id.second);
        PciNames& found = names[id];
        found.vendor = vendor->name;
        if (device && !device->name.empty()) found.device = device->name;
    }
    return names;
}

}  // namespace torque
