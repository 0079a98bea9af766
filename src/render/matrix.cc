#include "render/matrix.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "base/declared_memory.h"
#include "render/compact.h"
#include "render/names.h"
#include "render/sections.h"
#include "render/text.h"

namespace torque {
namespace {

enum class Nearness { itself, function, bus, node, system, unknown };

struct NearnessRow {
    Nearness nearness;
    const char* word;
    const char* about;
    Tone tone;
};

constexpr NearnessRow kNearness[] = {
    {Nearness::itself, "X", "the device itself", Tone::faint},
    {Nearness::function, "CARD", "another function of the same PCI device", Tone::fast_core},
    {Nearness::bus, "BUS", "the same PCI bus", Tone::fast_core},
    {Nearness::node, "NODE", "the same NUMA node", Tone::cache},
    {Nearness::system, "SYS", "another NUMA node: across the link between them", Tone::notice},
    {Nearness::unknown, "?", "the node of one of them is not known", Tone::faint},
};

const NearnessRow& row_of(Nearness nearness) {
    return *std::find_if(std::begin(kNearness), std::end(kNearness),
                         [&](const NearnessRow& row) { return row.nearness == nearness; });
}

// The address up to its last `separator`: "0000:65:00" with '.', "0000:65" with ':'.
std::string_view before(std::string_view address, char separator) {
    const std::size_t at = address.rfind(separator);
    return at == address.npos ? std::string_view{} : address.substr(0, at);
}

Nearness nearness(const Device& a, const Device& b) {
    if (&a == &b) return Nearness::itself;
    const std::string_view device = before(a.address, '.'), bus = before(a.address, ':');
    if (!device.empty() && device == before(b.address, '.')) return Nearness::function;
    if (!bus.empty() && bus == before(b.address, ':')) return Nearness::bus;
    if (!a.node || !b.node) return Nearness::unknown;
    return a.node == b.node ? Nearness::node : Nearness::system;
}

std::string name_of(const Device& device) {
    return clean(device.name.empty() ? device.address : device.name);
}

using Devices = std::span<const Device>;

// A column of the matrix: its title and an entry for each device.
struct MatrixColumn {
    std::string title;
    std::vector<Span> entries;
    int width() const {
        int out = columns(title);
        for (const Span& entry : entries) out = std::max(out, columns(entry.text));
        return out;
    }
};

std::vector<MatrixColumn> columns_of(const Machine& machine, Devices devices, const Glyphs& glyph,
                                     std::set<Nearness>& used) {
    std::vector<MatrixColumn> out;
    for (const Device& to : devices) {
        MatrixColumn column{name_of(to), {}};
        for (const Device& from : devices) {
            const Nearness near = nearness(from, to);
            used.insert(near);
            column.entries.push_back({row_of(near).word, row_of(near).tone});
        }
        out.push_back(std::move(column));
    }
    for (const Node& node : machine.nodes) {
        MatrixColumn column{"node " + std::to_string(node.id.value), {}};
        for (const Device& from : devices) {
            const auto far = from.node ? declared_distance(machine, *from.node, node.id) : std::nullopt;
            const bool is_own = from.node == node.id;
            column.entries.push_back({far      ? std::to_string(*far)
                                      : is_own ? "10"
                                               : std::string(glyph.none),
                                      is_own ? Tone::strong : Tone::plain});
        }
        out.push_back(std::move(column));
    }
    MatrixColumn kind{"what", {}}, cpus{"near CPUs", {}};
    for (const Device& device : devices) {
        kind.entries.push_back({clean(device.kind)});
        cpus.entries.push_back(
            {device.cpus.empty() ? std::string(glyph.none) : list_text(device.cpus, glyph)});
    }
    out.push_back(std::move(kind));
    out.push_back(std::move(cpus));
    return out;
}

void put_part(Page& page, Devices devices, const std::vector<MatrixColumn>& all, std::size_t first,
              std::size_t count) {
    std::vector<Column> titles{{""}};
    for (std::size_t i = first; i < first + count; ++i) titles.push_back({all[i].title});
    std::vector<std::vector<Line>> rows;
    for (std::size_t device = 0; device < devices.size(); ++device) {
        std::vector<Line> row{text(name_of(devices[device]), Tone::place)};
        for (std::size_t i = first; i < first + count; ++i) row.push_back({all[i].entries[device]});
        rows.push_back(std::move(row));
    }
    put_table(page, titles, rows);
}

void put_matrix(Page& page, const Machine& machine, std::set<Nearness>& used) {
    constexpr int kGap = 2, kIndent = 2;
    constexpr std::size_t kDevicesMax = 128;
    const Devices devices(machine.devices.data(), std::min(machine.devices.size(), kDevicesMax));
    const std::vector<MatrixColumn> all = columns_of(machine, devices, page.glyph, used);
    int names = 0;
    for (const Device& device : devices) names = std::max(names, columns(name_of(device)));
    page.section("Devices");
    for (std::size_t i = 0; i < all.size();) {
        std::size_t count = 0;
        int width = kIndent + names;
        while (i + count < all.size() &&
               (count == 0 || width + kGap + all[i + count].width() <= page.width)) {
            width += kGap + all[i + count].width();
            ++count;
        }
        if (i > 0) page.put({});
        put_part(page, devices, all, i, count);
        i += count;
    }
    if (devices.size() < machine.devices.size()) {
        page.put(text("  and " + std::to_string(machine.devices.size() - devices.size()) + " devices more",
                      Tone::faint));
    }
}

void put_distances(Page& page, const Machine& machine) {
    if (!machine.distances || machine.distances->nodes.size() < 2) return;
    const std::vector<NodeId>& ids = machine.distances->nodes;
    constexpr std::size_t kNodesMax = 64;
    if (ids.size() > kNodesMax) return;
    std::vector<std::string> names;
    std::vector<Column> titles{{""}};
    for (NodeId id : ids) names.push_back("node " + std::to_string(id.value));
    for (const std::string& name : names) titles.push_back({name, true});
    std::vector<std::vector<Line>> rows;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        std::vector<Line> row{text(names[i], Tone::place)};
        for (std::size_t k = 0; k < ids.size(); ++k) {
            const auto far = declared_distance(machine, ids[i], ids[k]);
            row.push_back(text(far ? std::to_string(*far) : std::string(page.glyph.none),
                               i == k ? Tone::faint : Tone::plain));
        }
        rows.push_back(std::move(row));
    }
    page.section("NUMA distances, from CPUs of the row to memory of the column");
    put_table(page, titles, rows);
}

}  // namespace

std::string render_matrix(const Machine& machine, const TreeStyle& style) {
    Page page(style);
    put_header(page, machine);
    std::set<Nearness> used;
    if (machine.devices.empty()) {
        page.put({});
        page.put(text("no devices are known", Tone::notice));
    } else {
        put_matrix(page, machine, used);
    }
    put_distances(page, machine);
    std::vector<std::vector<Line>> rows;
    for (const NearnessRow& row : kNearness) {
        if (used.count(row.nearness) != 0) rows.push_back({text(row.word, row.tone), text(row.about)});
    }
    if (!machine.devices.empty() && !machine.nodes.empty())
        rows.push_back({text("10, 21"), text("the NUMA distance from the device's node: 10 is local")});
    if (rows.empty()) return std::move(page.out);
    page.section("Legend");
    put_table(page, {{""}, {"", false, true}}, rows);
    return std::move(page.out);
}

}  // namespace torque
