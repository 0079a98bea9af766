#include "render/picture.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "render/compact.h"
#include "render/fold.h"
#include "render/names.h"

namespace torque {
namespace {

std::string cache_text(const Cache& cache) {
    return cache_name(cache) + (cache.size_bytes ? " " + size_text(*cache.size_bytes) : "");
}

std::string memory_text(const Node& node) {
    std::string out;
    if (node.memory_bytes) out = *node.memory_bytes == 0 ? "no memory" : size_text(*node.memory_bytes);
    if (node.memory_kind && *node.memory_kind != MemoryKind::dram)
        out += " " + memory_name(*node.memory_kind);
    return out;
}

Span node_title(const std::vector<const Node*>& nodes, const Glyphs& glyph) {
    Numbers ids;
    for (const Node* node : nodes) ids.push_back(node->id.value);
    std::string out = "node " + list_text(ids, glyph);
    const std::string memory = nodes.size() == 1 ? memory_text(*nodes.front()) : "";
    if (!memory.empty()) out += " " + std::string(glyph.dot) + " " + memory;
    return {out, Tone::place};
}

std::vector<Span> titles_of(const Thing& thing, const Glyphs& glyph) {
    std::vector<Span> out;
    const auto name = [&](const char* word, const auto& ids) {
        Numbers all;
        for (const auto id : ids) all.push_back(id.value);
        if (!all.empty()) out.push_back({word + list_text(all, glyph), Tone::place});
    };
    name("package ", thing.packages);
    if (thing.packages.empty()) name("die ", thing.dies);
    if (!thing.nodes.empty()) out.push_back(node_title(thing.nodes, glyph));
    if (thing.core != nullptr) {
        out.push_back({"core " + std::to_string(thing.core->id.value), Tone::faint});
        return out;
    }
    if (thing.clusters > 0 && out.empty()) out.push_back({"cluster", Tone::place});
    std::string caches;
    for (const Cache* cache : thing.caches) caches += (caches.empty() ? "" : ", ") + cache_text(*cache);
    if (!caches.empty()) out.push_back({std::move(caches), Tone::cache});
    return out;
}

// What like things have in common.
std::vector<Span> heading_of(const Thing& thing, std::size_t count, const std::vector<Span>& types,
                             const Glyphs& glyph) {
    std::vector<Span> parts;
    if (thing.core != nullptr || thing.is_cpu) {
        parts.push_back(thing.core != nullptr ? type_name(types, thing.core->type)
                                              : Span{"CPU", Tone::fast_core});
        if (count > 1) parts.back().text += "s";
        if (thing.size > 1) parts.push_back({count_text(thing.size, "thread") + (count > 1 ? " each" : "")});
        for (const Cache* cache : thing.caches) parts.push_back({cache_text(*cache), Tone::cache});
    } else {
        parts = describe(thing, types, nullptr);
        parts.push_back({count_text(thing.size, "CPU") + (count > 1 ? " each" : "")});
    }
    if (count > 1) {
        const bool is_core = thing.core != nullptr || thing.is_cpu;
        const std::string times = is_core ? " " : " " + std::string(glyph.times) + " ";
        parts.front().text = std::to_string(count) + times + parts.front().text;
    }
    return parts;
}

class Drawer {
  public:
    Drawer(const Machine& machine, const Glyphs& glyph, const Picture& out, bool strict)
        : machine_(machine), glyph_(glyph), types_(type_names(machine)), out_(out), strict_(strict) {
        shapes_ = shapes(out.nesting, [&](const Thing& thing) { return say(thing); });
    }

    Box root() const {
        Box box = box_of(out_.nesting.things[0]);
        box.kind = BoxKind::machine;
        box.titles.clear();
        add_memory(box);
        add_offline(box);
        const auto is_nowhere = [&](const Device& device) {
            return !device.node || std::none_of(machine_.nodes.begin(), machine_.nodes.end(),
                                                [&](const Node& node) { return node.id == *device.node; });
        };
        for (const Device& device : machine_.devices) {
            if (is_nowhere(device)) box.devices.push_back(&device);
        }
        return box;
    }

  private:
    std::string say(const Thing& thing) const {
        std::string out;
        for (const Span& span : describe(thing, types_, nullptr)) out += span.text + '\n';
        if (strict_ && (thing.core != nullptr || thing.is_cpu)) {
            for (int cpu : thing.cpus) {
                const CpuRole& role = out_.roles.at(cpu);
                out += role_row(role.now).mark + std::string(role_row(role.planned).mark) + '\n';
            }
        }
        if (!strict_) return out;
        for (const Device* device : devices_of(thing.nodes)) out += device->address + device->name + '\n';
        return out;
    }

    std::vector<const Device*> devices_of(const std::vector<const Node*>& nodes) const {
        std::vector<const Device*> out;
        if (nodes.empty()) return out;
        for (const Device& device : machine_.devices) {
            const auto is_near = [&](const Node* node) { return device.node == node->id; };
            if (std::any_of(nodes.begin(), nodes.end(), is_near)) out.push_back(&device);
        }
        return out;
    }

    static Box cpu_box(int cpu) {
        Box out;
        out.kind = BoxKind::cpu;
        out.cpus.add(cpu);
        return out;
    }

    static BoxGroup cpu_group(const CpuSet& cpus) {
        BoxGroup out;
        for (int cpu : cpus) out.boxes.push_back(cpu_box(cpu));
        return out;
    }

    Box box_of(const Thing& thing) const {
        if (thing.is_cpu && thing.caches.empty() && thing.nodes.empty() && thing.packages.empty()) {
            Box out = cpu_box(thing.cpus.first());
            out.thing = &thing;
            return out;
        }
        Box out;
        out.thing = &thing;
        out.cpus = thing.cpus;
        out.titles = titles_of(thing, glyph_);
        out.nodes = thing.nodes;
        out.devices = devices_of(thing.nodes);
        const bool is_place =
            !thing.packages.empty() || !thing.dies.empty() || !thing.nodes.empty() || thing.clusters > 0;
        out.kind = is_place ? BoxKind::place : BoxKind::cache;
        if (thing.core != nullptr) out.kind = BoxKind::core;
        if (thing.core != nullptr || thing.is_cpu) {
            out.groups.push_back(cpu_group(thing.cpus));
            return out;
        }
        add_children(thing, out);
        return out;
    }

    void add_children(const Thing& thing, Box& out) const {
        std::vector<BoxGroup> groups;
        std::map<int, std::size_t> group_of;  // by shape
        for (int child : thing.children) {
            const auto index = static_cast<std::size_t>(child);
            const auto [found, is_new] = group_of.emplace(shapes_[index], groups.size());
            if (is_new) groups.emplace_back();
            groups[found->second].boxes.push_back(box_of(out_.nesting.things[index]));
        }
        for (BoxGroup& group : groups) {
            const Thing& first = *group.boxes.front().thing;
            const bool says_more = group.boxes.size() > 1 || first.core != nullptr;
            if (says_more) group.heading = heading_of(first, group.boxes.size(), types_, glyph_);
            out.groups.push_back(std::move(group));
        }
    }

    // Nodes without CPUs: CXL, HBM, GPU memory.
    void add_memory(Box& root) const {
        BoxGroup group;
        for (const Node& node : machine_.nodes) {
            if (!node.cpus.empty()) continue;
            Box box;
            box.kind = BoxKind::memory;
            box.nodes = {&node};
            box.devices = devices_of(box.nodes);
            box.titles = {node_title(box.nodes, glyph_), {"no CPUs", Tone::notice}};
            group.boxes.push_back(std::move(box));
        }
        if (group.boxes.empty()) return;
        group.heading = text(count_text(static_cast<int>(group.boxes.size()), "node") + " of memory only");
        root.groups.push_back(std::move(group));
    }

    void add_offline(Box& root) const {
        CpuSet offline;
        for (const Cpu& cpu : machine_.cpus) {
            if (!cpu.online) offline.add(cpu.id);
        }
        if (offline.empty()) return;
        Box box;
        box.kind = BoxKind::offline;
        box.titles = {{"offline", Tone::notice}};
        box.cpus = offline;
        box.groups.push_back(cpu_group(offline));
        box.groups.front().heading = text(count_text(offline.count(), "CPU"));
        root.groups.emplace_back().boxes.push_back(std::move(box));
    }

    const Machine& machine_;
    const Glyphs& glyph_;
    std::vector<Span> types_;
    std::vector<int> shapes_;
    const Picture& out_;
    bool strict_;  // what is for other work or has other devices is not alike
};

bool can_fold(const Box& parent, const BoxGroup& group) {
    return group.boxes.size() > 1 && parent.kind != BoxKind::core;
}

// Of what is drawn where the groups at the open depths are unfolded.
std::size_t drawn_cost(const Box& box, const std::vector<bool>& is_open, std::size_t depth,
                       const Room& room) {
    if (box.kind == BoxKind::cpu) return 1;
    std::size_t sum = box.kind == BoxKind::core ? 0 : room.frame_cost;
    for (const BoxGroup& group : box.groups) {
        const bool folds = can_fold(box, group) && (depth >= is_open.size() || !is_open[depth]);
        for (const Box& own : group.boxes) {
            sum += drawn_cost(own, is_open, depth + 1, room);
            if (folds) break;
        }
    }
    return sum;
}

std::size_t depth_of(const Box& box) {
    std::size_t out = 0;
    for (const BoxGroup& group : box.groups) {
        for (const Box& own : group.boxes) out = std::max(out, 1 + depth_of(own));
    }
    return out;
}

void set_folds(Box& box, const std::vector<bool>& is_open, std::size_t depth) {
    for (BoxGroup& group : box.groups) {
        group.is_folded = can_fold(box, group) && (depth >= is_open.size() || !is_open[depth]);
        for (Box& own : group.boxes) set_folds(own, is_open, depth + 1);
    }
}

}  // namespace

Picture picture(const Machine& machine, const Layout* layout, const Glyphs& glyph, const Room& room) {
    Picture out;
    out.nesting = nest(machine);
    out.roles = cpu_roles(machine, layout);
    out.has_plan = layout != nullptr;
    out.root = Drawer(machine, glyph, out, false).root();
    const std::vector<bool> all_open(depth_of(out.root), true);
    if (drawn_cost(out.root, all_open, 0, room) <= room.cost_max) return out;
    out.root = Drawer(machine, glyph, out, true).root();
    // The outermost first: which packages and nodes there are is what is looked for first.
    std::vector<bool> is_open(depth_of(out.root), false);
    for (std::size_t depth = 0; depth < is_open.size(); ++depth) {
        is_open[depth] = true;
        if (drawn_cost(out.root, is_open, 0, room) > room.cost_max) is_open[depth] = false;
    }
    set_folds(out.root, is_open, 0);
    return out;
}

std::vector<Line> heading_lines(const BoxGroup& group, const Glyphs& glyph, int width) {
    std::vector<Span> parts = group.heading;
    if (group.is_folded) {
        CpuSet all;
        for (const Box& box : group.boxes) all |= box.cpus;
        if (!all.empty()) parts.push_back({"CPUs " + list_text(all, glyph), Tone::strong});
        parts.push_back({"1 of " + std::to_string(group.boxes.size()) + " drawn", Tone::faint});
    }
    const std::string dot = " " + std::string(glyph.dot) + " ";
    std::vector<Line> out;
    for (const Span& part : parts) {
        if (part.text.empty()) continue;
        if (out.empty() || columns(out.back()) + columns(dot) + columns(part.text) > width) {
            out.push_back({part});
            continue;
        }
        out.back().push_back({dot, Tone::faint});
        out.back().push_back(part);
    }
    return out;
}

int grid_columns(std::size_t count, double width, double height, double ratio) {
    int best = 1;
    double best_cost = 0;
    for (std::size_t columns = 1; columns <= count; ++columns) {
        const std::size_t rows = (count + columns - 1) / columns;
        const double shape = static_cast<double>(columns) * width / (static_cast<double>(rows) * height);
        const double gaps = static_cast<double>(rows * columns - count) / static_cast<double>(count);
        const double cost = std::abs(std::log(shape / ratio)) + 6 * gaps;
        if (columns > 1 && cost >= best_cost) continue;
        best = static_cast<int>(columns);
        best_cost = cost;
    }
    return best;
}

}  // namespace torque
