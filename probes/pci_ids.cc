#include "probes/pci_ids.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include "base/parse.h"

namespace torque {
namespace {

constexpr const char* kPaths[] = {"usr/share/misc/pci.ids", "usr/share/hwdata/pci.ids"};
constexpr std::uint64_t kListBytesMax = std::uint64_t{8} << 20;
constexpr std::size_t kWindowBytesMin = 2048;  // holds the longest line many times
constexpr std::size_t kWindowBytesMax = 8192;
constexpr std::size_t kLookupsMax = 64;
constexpr int kWindowsMax = 4096;  // of all look-ups together; one takes about 20 of a real list

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

class PciList {
  public:
    explicit PciList(PartsFile& file) : file_(&file) {}

    // The first line with a key not less than `number`, or that ends the search, among those that start in
    // [begin, end).
    std::optional<Found> lower_bound(std::uint64_t number, std::uint64_t begin, std::uint64_t end,
                                     Depth depth) {
        std::optional<Found> best;
        for (end = std::min(end, size_); end > begin + kWindowBytesMin; end = std::min(end, size_)) {
            const std::uint64_t middle = begin + (end - begin) / 2;
            auto found = next(middle, end, depth);
            if (found && is_less(found->key, number)) {
                begin = found->offset + 1;
            } else {
                if (found) best = std::move(found);
                end = middle;
            }
        }
        auto found = read_next(begin, end, depth, number);
        return found && found->offset < end ? found : best;
    }

    // The first line with a key that starts in [from, limit).
    std::optional<Found> next(std::uint64_t from, std::uint64_t limit, Depth depth) {
        // Some vendors have a hundred times as many lines as others: their stretch is read through once.
        const auto holds = [&](const Stretch& known) {
            return known.begin <= from && from <= known.end.offset;
        };
        const auto known = std::find_if(vendors_.begin(), vendors_.end(), holds);
        if (depth == Depth::vendor && known != vendors_.end()) {
            return known->end.offset < limit ? std::optional(known->end) : std::nullopt;
        }
        auto found = read_next(from, limit, depth, 0);
        if (depth == Depth::vendor && found) vendors_.push_back({from, *found});
        return found && found->offset < limit ? found : std::nullopt;
    }

  private:
    struct Stretch {
        std::uint64_t begin = 0;  // no line of a vendor starts here
        Found end;                // or behind it, before this one
    };

    static bool is_less(const Key& key, std::uint64_t number) {
        return key.kind == Key::Kind::number && key.number < number;
    }

    // The first line with a key not less than `least` that starts at `from` or behind it; reads up to
    // `limit`.
    std::optional<Found> read_next(std::uint64_t from, std::uint64_t limit, Depth depth,
                                   std::uint64_t least) {
        std::uint64_t at = from == 0 ? 0 : from - 1;  // so that a line that starts at `from` is seen whole
        bool is_start = from == 0;
        for (std::size_t bytes = kWindowBytesMin; at < limit && windows_left_-- > 0;
             bytes = std::min(bytes * 2, kWindowBytesMax)) {
            const std::string_view window = file_->read_at(at, bytes);
            const bool is_last = window.size() < bytes;
            if (is_last) size_ = std::min(size_, at + window.size());
            std::size_t line_at = 0;
            while (line_at < window.size()) {
                std::size_t line_end = window.find('\n', line_at);
                if (line_end == window.npos && is_last) line_end = window.size();
                if (line_end == window.npos) break;
                const auto line = window.substr(line_at, line_end - line_at);
                const Key key = is_start ? key_of(line, depth) : Key{};
                const std::uint64_t offset = at + line_at;
                if (key.kind != Key::Kind::pass && !is_less(key, least))
                    return Found{offset, key, name_in(line)};
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
    int windows_left_ = kWindowsMax;
    std::uint64_t size_ = kListBytesMax;  // of the list, when its end has been seen
    std::vector<Stretch> vendors_;
};

// The name on the line of `number`, when that is what was found.
std::optional<std::string> name_of(const std::optional<Found>& found, std::uint64_t number) {
    const bool is_it = found && found->key.kind == Key::Kind::number && found->key.number == number;
    return is_it && !found->name.empty() ? std::optional(found->name) : std::nullopt;
}

}  // namespace

std::map<PciId, PciNames> read_pci_names(const Dir& root, const std::set<PciId>& ids) {
    std::map<PciId, PciNames> names;
    std::unique_ptr<PartsFile> file;
    for (const char* path : kPaths) {
        if (file == nullptr && !ids.empty()) file = root.open_file(path);
    }
    if (file == nullptr) return names;
    PciList list(*file);
    std::optional<Found> vendor, following;  // the vendor looked up last, and the line that ends its devices
    std::optional<std::uint16_t> vendor_id;
    for (const PciId& id : ids) {
        if (names.size() == kLookupsMax) break;
        if (vendor_id != id.first) {
            vendor_id = id.first;
            vendor = list.lower_bound(id.first, 0, kListBytesMax, Depth::vendor);
            if (!name_of(vendor, id.first)) continue;
            following = list.next(vendor->offset + 1, kListBytesMax, Depth::vendor);
        }
        PciNames& found = names[id];
        found.vendor = name_of(vendor, id.first);
        if (!found.vendor) continue;
        const std::uint64_t end = following ? following->offset : kListBytesMax;
        found.device =
            name_of(list.lower_bound(id.second, vendor->offset + 1, end, Depth::device), id.second);
    }
    return names;
}

}  // namespace torque
