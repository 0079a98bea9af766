#include "render/tree.h"

#include <algorithm>
#include <string>
#include <vector>

#include "base/declared_memory.h"
#include "base/format.h"
#include "base/parse.h"
#include "render/compact.h"
#include "render/fold.h"
#include "render/names.h"
#include "render/nest.h"
#include "render/sections.h"
#include "render/text.h"

namespace torque {
namespace {

// ---- header

// The names of its types of cores where the machine's own is a number, as on Arm: "Cortex-A76 + Cortex-A55".
std::string names_of_cores(const Machine& machine) {
    if (!machine.host.model || !machine.host.model->starts_with("0x")) return {};
    std::vector<std::string> names;
    for (const CoreType& type : machine.types) {
        const std::string name = clean(type.codename.value_or(""));
        if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(name);
    }
    return joined(names, " + ");
}

std::string model_text(const Machine& machine) {
    if (std::string names = names_of_cores(machine); !names.empty()) return names;
    if (machine.host.model) return clean(*machine.host.model);
    for (const CoreType& type : machine.types) {
        if (type.brand) return clean(*type.brand);
    }
    if (machine.host.arch) return clean(*machine.host.arch) + " machine";
    return "unknown machine";
}

std::string identity_text(const CoreType& type) {
    std::string out;
    const auto add = [&](const char* name, const std::optional<int>& value) {
        if (value) out += (out.empty() ? "" : " ") + std::string(name) + " " + std::to_string(*value);
    };
    add("family", type.family);
    add("model", type.model);
    add("stepping", type.stepping);
    return out;
}

std::string cores_text(const Machine& machine) {
    if (machine.types.size() > 1) {
        const std::vector<Span> names = type_names(machine);
        std::string out;
        for (std::size_t i = 0; i < names.size(); ++i) {
            const auto of_type = [&](const Core& core) { return core.type == machine.types[i].id; };
            const auto cores = std::count_if(machine.cores.begin(), machine.cores.end(), of_type);
            if (cores == 0) continue;
            out += (out.empty() ? "" : " + ") + count_text(static_cast<int>(cores), names[i].text.c_str());
        }
        if (!out.empty()) return out;
    }
    if (machine.cores.empty()) return {};
    std::string out = count_text(static_cast<int>(machine.cores.size()), "core");
    const int threads = machine.cores[0].cpus.count();
    const auto as_many = [&](const Core& core) { return core.cpus.count() == threads; };
    if (threads > 1 && std::all_of(machine.cores.begin(), machine.cores.end(), as_many)) {
        out += ", " + std::to_string(threads) + (machine.cores.size() > 1 ? " threads each" : " threads");
    }
    return out;
}

std::string cpus_text(const Machine& machine) {
    const auto is_offline = [](const Cpu& cpu) { return !cpu.online; };
    const auto offline = std::count_if(machine.cpus.begin(), machine.cpus.end(), is_offline);
    std::string out = count_text(static_cast<int>(machine.cpus.size()), "CPU");
    if (offline > 0) out += ", " + std::to_string(offline) + " offline";
    return out;
}

std::string memory_text(const Machine& machine) {
    std::uint64_t bytes = machine.host.memory_bytes.value_or(0);
    if (bytes == 0) {
        for (const Node& node : machine.nodes) bytes += node.memory_bytes.value_or(0);
    }
    return bytes == 0 ? std::string{} : size_text(bytes);
}

// One line, or broken between parts rather than within them.
void put_parts(Page& page, std::vector<Span> parts) {
    std::vector<Span> fitting;
    for (Span& part : parts) {
        std::vector<Span> longer = fitting;
        longer.push_back(part);
        if (!fitting.empty() && columns(joined(longer, page.glyph)) > page.width) {
            page.put_wrapped({}, {}, joined(fitting, page.glyph));
            longer = {std::move(part)};
        }
        fitting = std::move(longer);
    }
    page.put_wrapped({}, {}, joined(fitting, page.glyph));
}

}  // namespace

void put_header(Page& page, const Machine& machine) {
    std::vector<Span> title{{model_text(machine), Tone::strong}};
    if (machine.types.size() == 1) {
        const std::string name = clean(machine.types[0].codename.value_or(""));
        if (!name.empty() && name != title[0].text) title.push_back({name});
        title.push_back({identity_text(machine.types[0]), Tone::faint});
    }
    put_parts(page, std::move(title));

    const auto some = [](std::size_t count, const char* name) {
        return Span{count == 0 ? std::string{} : count_text(static_cast<int>(count), name)};
    };
    std::vector<Span> counted{some(machine.packages.size(), "package")};
    const bool says_dies =
        machine.dies.size() > machine.packages.size() && machine.dies.size() < machine.cores.size();
    if (says_dies) counted.push_back(some(machine.dies.size(), "die"));
    counted.push_back({cores_text(machine)});
    counted.push_back({cpus_text(machine)});
    counted.push_back(some(machine.nodes.size(), "node"));
    counted.push_back({memory_text(machine)});
    std::uint64_t max_khz = 0;
    for (const Cpu& cpu : machine.cpus) max_khz = std::max(max_khz, cpu.max_khz.value_or(0));
    if (max_khz > 0) counted.push_back({"up to " + frequency_text(max_khz)});
    put_parts(page, std::move(counted));

    std::string system;
    if (machine.host.kernel) system = "Linux " + clean(*machine.host.kernel);
    if (machine.host.arch) system += (system.empty() ? "" : " ") + clean(*machine.host.arch);
    std::vector<Span> read{{std::move(system)}};
    if (machine.host.hypervisor) read.push_back({clean(*machine.host.hypervisor) + " guest", Tone::notice});
    const Span source{machine.host.source.empty() ? "" : "read: " + clean(machine.host.source), Tone::faint};
    Line line = joined(read, page.glyph);
    read.push_back(source);
    if (columns(joined(read, page.glyph)) > page.width && !line.empty()) {
        page.put_wrapped({}, {}, line);
        line = {source};
    } else {
        line = joined(read, page.glyph);
    }
    if (!line.empty()) page.put_wrapped({}, {}, line);
}

std::vector<std::string> header_lines(const Machine& machine) {
    Page page(TreeStyle{false, true, 110, false});
    put_header(page, machine);
    std::vector<std::string> out;
    for (std::string_view rest = page.out; !rest.empty();) out.emplace_back(take_line(rest));
    return out;
}

namespace {

// ---- rows

struct Row {
    Line first, rest;  // the branches before the first line and before those that follow
    Line label;
    std::vector<Numbers> cpus;  // of each thing; empty for a row without any
};

template <class Get>
std::string ids_text(const Fold& fold, const Glyphs& glyph, Get get) {
    // In the order of their CPUs, which firmware may number differently.
    auto parents = fold.by_parent;
    std::sort(parents.begin(), parents.end(),
              [](const auto& a, const auto& b) { return a.front()->cpus.first() < b.front()->cpus.first(); });
    std::vector<Numbers> ids;
    for (const auto& things : parents) {
        ids.emplace_back();
        for (const Thing* thing : things) get(*thing, ids.back());
    }
    Numbers all;
    for (const Numbers& of_parent : ids) all.insert(all.end(), of_parent.begin(), of_parent.end());
    if (all.empty()) return {};
    std::string out = lists_text(std::move(ids), glyph, 16);
    if (columns(out) <= 24) return out;
    const auto [least, most] = std::minmax_element(all.begin(), all.end());
    return std::to_string(*least) + std::string(glyph.ellipsis) + std::to_string(*most);
}

// "64 GiB"; "62.6-63 GiB" where the like nodes differ.
std::string node_memory_text(const Fold& fold) {
    std::optional<std::uint64_t> least, most;
    for (const auto& things : fold.by_parent) {
        for (const Thing* thing : things) {
            std::uint64_t sum = 0;
            for (const Node* node : thing->nodes) sum += node->memory_bytes.value_or(0);
            least = std::min(least.value_or(sum), sum);
            most = std::max(most.value_or(sum), sum);
        }
    }
    if (most.value_or(0) == 0) return {};
    const std::string low = size_text(*least), high = size_text(*most);
    if (low == high) return high;
    const bool same_unit = low.substr(low.find(' ')) == high.substr(high.find(' '));
    return (same_unit ? low.substr(0, low.find(' ')) : low) + "-" + high;
}

Line label_of(const Fold& fold, const std::vector<Span>& described, const Glyphs& glyph) {
    std::vector<Span> parts;
    for (const Span& span : described) {
        std::string ids;
        if (span.text == "package") {
            ids = ids_text(fold, glyph, [](const Thing& thing, Numbers& out) {
                for (PackageId id : thing.packages) out.push_back(id.value);
            });
        } else if (span.text == "die") {
            ids = ids_text(fold, glyph, [](const Thing& thing, Numbers& out) {
                for (DieId id : thing.dies) out.push_back(id.value);
            });
        } else if (span.text == "node") {
            ids = ids_text(fold, glyph, [](const Thing& thing, Numbers& out) {
                for (const Node* node : thing.nodes) out.push_back(node->id.value);
            });
        }
        parts.push_back({span.text + (ids.empty() ? "" : " ") + ids, span.tone});
        if (span.text == "node") parts.push_back({node_memory_text(fold)});
    }
    Line out = joined(parts, glyph);
    const std::size_t count = fold.by_parent.front().size();
    if (count > 1) {
        out.insert(out.begin(), {std::to_string(count) + " " + std::string(glyph.times) + " ", Tone::strong});
    }
    return out;
}

class Rows {
  public:
    Rows(const Machine& machine, const Glyphs& glyph, const CpuStates* states)
        : types_(type_names(machine)), glyph_(glyph), states_(states) {}

    // `more` rows of the same parent will follow.
    void add(const std::vector<Fold>& folds, const std::string& indent, bool is_root, bool more) {
        for (std::size_t i = 0; i < folds.size(); ++i) {
            const bool is_last = i + 1 == folds.size() && !more;
            const std::string_view branch = is_root ? "" : is_last ? glyph_.last : glyph_.branch;
            const std::string_view below = is_root ? "" : is_last ? glyph_.gap : glyph_.pipe;
            const std::string next = indent + std::string(below);
            Row row;
            row.first = {{indent + std::string(branch), Tone::faint}};
            row.rest = {
                {next + std::string(folds[i].children.empty() ? glyph_.gap : glyph_.pipe), Tone::faint}};
            const Fold& fold = folds[i];
            row.label = label_of(fold, describe(*fold.by_parent.front().front(), types_, states_), glyph_);
            for (const auto& things : fold.by_parent) {
                for (const Thing* thing : things) row.cpus.push_back(numbers(thing->cpus));
            }
            std::sort(row.cpus.begin(), row.cpus.end());
            out.push_back(std::move(row));
            add(fold.children, next, false, false);
        }
    }

    std::vector<Row> out;

  private:
    std::vector<Span> types_;
    const Glyphs& glyph_;
    const CpuStates* states_;
};

// Nodes whose CPUs firmware (HMAT) says reach the memory of `node` best. Class 1 is of CPUs alone, class 0 of
// every initiator (Documentation/admin-guide/mm/numaperf.rst).
Numbers best_initiators(const Machine& machine, NodeId node) {
    Numbers best;
    int of_class = -1;
    for (const MemoryAttributes& row : machine.memory_attributes) {
        if (row.node != node || row.access_class < of_class) continue;
        Numbers with_cpus;
        for (const Node& from : machine.nodes) {
            const auto is_it = [&](NodeId initiator) { return initiator == from.id; };
            if (!from.cpus.empty() && std::any_of(row.initiators.begin(), row.initiators.end(), is_it))
                with_cpus.push_back(from.id.value);
        }
        if (with_cpus.empty()) continue;
        best = std::move(with_cpus);
        of_class = row.access_class;
    }
    return best;
}

// The CPU nodes whose access to `node` costs least by firmware's distances (SLIT).
Numbers least_distant(const Machine& machine, NodeId node) {
    Numbers best;
    int least = 0;
    for (const Node& from : machine.nodes) {
        const auto told = declared_distance(machine, from.id, node);
        if (from.cpus.empty() || !told) continue;
        if (best.empty() || *told < least) {
            best.clear();
            least = *told;
        }
        if (*told == least) best.push_back(from.id.value);
    }
    return best;
}

// "nearest to node 0"; empty where nothing tells. HMAT is measured or specified, SLIT often a default.
std::string nearness(const Machine& machine, NodeId node, const Glyphs& glyph) {
    Numbers near = best_initiators(machine, node);
    if (near.empty()) near = least_distant(machine, node);
    if (near.empty()) return "";
    if (near.size() == 1) return "nearest to node " + list_text(near, glyph);
    return "equally near to nodes " + list_text(near, glyph);
}

// Nodes that are memory only, like ones in one row.
std::vector<Line> memory_only(const Machine& machine, const Glyphs& glyph) {
    struct Group {
        std::vector<Span> parts;
        Numbers ids;
    };
    std::vector<Group> groups;
    for (const Node& node : machine.nodes) {
        if (!node.cpus.empty()) continue;
        std::vector<Span> parts;
        if (node.memory_bytes) {
            parts.push_back({*node.memory_bytes == 0 ? "no memory" : size_text(*node.memory_bytes)});
        }
        if (node.memory_kind) parts.push_back({memory_name(*node.memory_kind), Tone::notice});
        parts.push_back({"no CPUs", Tone::notice});
        std::string near = nearness(machine, node.id, glyph);
        if (!near.empty()) parts.push_back({std::move(near)});
        const auto same = [&](const Group& group) {
            return std::equal(group.parts.begin(), group.parts.end(), parts.begin(), parts.end(),
                              [](const Span& a, const Span& b) { return a.text == b.text; });
        };
        auto found = std::find_if(groups.begin(), groups.end(), same);
        if (found == groups.end()) found = groups.insert(groups.end(), {parts, {}});
        found->ids.push_back(node.id.value);
    }
    std::vector<Line> out;
    for (Group& group : groups) {
        group.parts.insert(group.parts.begin(), {"node " + list_text(group.ids, glyph), Tone::place});
        Line line = joined(group.parts, glyph);
        if (group.ids.size() > 1) {
            const std::string count = std::to_string(group.ids.size()) + " " + std::string(glyph.times) + " ";
            line.insert(line.begin(), {count, Tone::strong});
        }
        out.push_back(std::move(line));
    }
    return out;
}

void put_rows(Page& page, const std::vector<Row>& rows) {
    constexpr int kCpusMin = 24;  // columns that the CPUs get at least
    constexpr int kGap = 2;
    const Span heading{"Topology", Tone::strong};
    int at = columns(heading.text) + kGap;
    for (const Row& row : rows) at = std::max(at, columns(row.first) + columns(row.label) + kGap);
    at = std::min(at, page.width - kCpusMin);
    const auto room = page.width - at;
    Line title{heading};
    title.push_back({std::string(static_cast<std::size_t>(at - columns(title)), ' ')});
    title.push_back({"CPUs", Tone::faint});
    page.put({});
    page.put(title);
    for (const Row& row : rows) {
        const std::string cpus = lists_text(row.cpus, page.glyph, room);
        Line first = row.first;
        first.insert(first.end(), row.label.begin(), row.label.end());
        const auto pad = [&](Line line) {
            const int missing = at - columns(line);
            if (missing > 0) line.push_back({std::string(static_cast<std::size_t>(missing), ' ')});
            return line;
        };
        if (columns(first) + kGap > at) {
            page.put_wrapped(row.first, row.rest, row.label);
            first = row.rest;
        }
        if (!cpus.empty() || columns(first) + kGap <= at) {
            page.put_wrapped(pad(first), pad(row.rest), {{cpus}});
        }
    }
}

// A tree that marks isolated cores is shown unless it is so ragged that it hides the machine.
std::vector<Fold> readable_fold(const Nesting& nesting, const Machine& machine, const CpuStates*& states) {
    constexpr int kRowsMax = 48;
    std::vector<Fold> folds = fold(nesting, machine, states);
    if (rows(folds) <= kRowsMax) return folds;
    std::vector<Fold> plain = fold(nesting, machine, nullptr);
    if (2 * rows(plain) > rows(folds)) return folds;
    states = nullptr;
    return plain;
}

void put_tree(Page& page, const Machine& machine) {
    const Nesting nesting = nest(machine);
    const CpuStates own_states = cpu_states(machine);
    const CpuStates* states = &own_states;
    const std::vector<Fold> folds = readable_fold(nesting, machine, states);
    const std::vector<Line> memory = memory_only(machine, page.glyph);

    const bool has_root = folds.size() + memory.size() != 1;
    Rows rows(machine, page.glyph, states);
    if (has_root) {
        Row root;
        root.rest = {{std::string(page.glyph.pipe), Tone::faint}};
        root.label = {{"machine", Tone::place}};
        root.cpus = {numbers(nesting.things[0].cpus)};
        rows.out.push_back(std::move(root));
    }
    rows.add(folds, "", !has_root, !memory.empty());
    for (std::size_t i = 0; i < memory.size(); ++i) {
        const bool is_last = i + 1 == memory.size();
        Row row;
        row.first = {{std::string(is_last ? page.glyph.last : page.glyph.branch), Tone::faint}};
        row.rest = {{std::string(is_last ? page.glyph.gap : page.glyph.pipe), Tone::faint}};
        row.label = memory[i];
        rows.out.push_back(std::move(row));
    }
    put_rows(page, rows.out);
    put_aside(page, nesting);
}

}  // namespace

std::string render_tree(const Machine& machine, const TreeStyle& style) {
    Page page(style);
    put_header(page, machine);
    put_tree(page, machine);
    put_types(page, machine);
    put_caches(page, machine);
    put_tlbs(page, machine);
    put_nodes(page, machine);
    put_devices(page, machine);
    put_states(page, machine);
    put_findings(page, machine);
    if (style.sources) {
        put_apic_ids(page, machine);
        put_sources(page, machine);
    }
    return std::move(page.out);
}

}  // namespace torque
