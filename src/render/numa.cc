#include <algorithm>
#include <map>
#include <string>
#include <tuple>

#include "render/compact.h"
#include "render/names.h"
#include "render/sections.h"

namespace torque {
namespace {

bool is_matrix(const Distances& distances) {
    const std::size_t size = distances.nodes.size();
    return distances.matrix.size() == size &&
           std::all_of(distances.matrix.begin(), distances.matrix.end(),
                       [&](const std::vector<int>& row) { return row.size() == size; });
}

std::string hugepages_text(const Node& node) {
    std::string out;
    for (const HugePages& pages : node.hugepages) {
        if (pages.total == 0) continue;
        out += (out.empty() ? "" : ", ") + std::to_string(pages.total) + " of " + size_text(pages.page_bytes);
        if (pages.free != pages.total) out += " (" + std::to_string(pages.free) + " free)";
    }
    return out;
}

// Beside the other columns.
bool fits_matrix(const Page& page, std::size_t nodes) {
    constexpr int kOthers = 44, kEach = 5;
    return kOthers + kEach * static_cast<int>(std::min<std::size_t>(nodes, 1000)) <= page.width + 4;
}

struct NodeGroup {
    std::vector<const Node*> nodes;
    std::string memory, kind, hugepages;
};

// One row a node; where there are many, one row for like ones.
std::vector<NodeGroup> node_groups(const Machine& machine, bool folds) {
    std::vector<NodeGroup> out;
    for (const Node& node : machine.nodes) {
        NodeGroup own;
        own.nodes.push_back(&node);
        if (node.memory_bytes) own.memory = *node.memory_bytes == 0 ? "none" : size_text(*node.memory_bytes);
        if (node.memory_kind) own.kind = memory_name(*node.memory_kind);
        own.hugepages = hugepages_text(node);
        const auto same = [&](const NodeGroup& group) {
            return std::tie(group.memory, group.kind, group.hugepages) ==
                       std::tie(own.memory, own.kind, own.hugepages) &&
                   group.nodes[0]->cpus.empty() == node.cpus.empty();
        };
        const auto found = folds ? std::find_if(out.begin(), out.end(), same) : out.end();
        if (found == out.end()) {
            out.push_back(std::move(own));
        } else {
            found->nodes.push_back(&node);
        }
    }
    return out;
}

// "10 to itself, 12 to 3 others, 32 to 4": each kind of row of the matrix.
void put_distance_summary(Page& page, const Distances& distances) {
    std::map<std::map<int, int>, Numbers> kinds;  // how often each distance, and from which nodes
    for (std::size_t i = 0; i < distances.nodes.size(); ++i) {
        std::map<int, int> often;
        for (std::size_t k = 0; k < distances.nodes.size(); ++k) {
            if (k != i) ++often[distances.matrix[i][k]];
        }
        kinds[often].push_back(distances.nodes[i].value);
    }
    constexpr std::size_t kKindsMax = 4;
    if (kinds.size() > kKindsMax) {
        std::map<int, int> all;
        for (const auto& [often, nodes] : kinds) {
            for (const auto& [distance, count] : often) all[distance] += count;
        }
        Line line = text(std::to_string(all.size()) + " distances between " +
                         std::to_string(distances.nodes.size()) + " nodes, from " +
                         std::to_string(all.begin()->first) + " to " + std::to_string(all.rbegin()->first));
        page.put_wrapped(text("  "), text("  "), line);
        return;
    }
    for (const auto& [often, nodes] : kinds) {
        std::string words = "distance ";
        if (kinds.size() > 1) words += "from node " + list_text(nodes, page.glyph) + ": ";
        bool is_first = true;
        for (const auto& [distance, count] : often) {
            words += (is_first ? "" : ", ") + std::to_string(distance) + " to " + count_text(count, "other");
            is_first = false;
        }
        page.put_wrapped(text("  "), text("    "), text(std::move(words)));
    }
}

}  // namespace

void put_nodes(Page& page, const Machine& machine) {
    constexpr std::size_t kRowsMax = 16;
    const bool has_hugepages = std::any_of(machine.nodes.begin(), machine.nodes.end(),
                                           [](const Node& node) { return !hugepages_text(node).empty(); });
    if (machine.nodes.size() < 2 && !has_hugepages) return;
    const bool folds = machine.nodes.size() > kRowsMax;
    const std::vector<NodeGroup> groups = node_groups(machine, folds);
    const bool has_distances =
        machine.distances && machine.distances->nodes.size() > 1 && is_matrix(*machine.distances);
    const bool shows_matrix = has_distances && !folds && fits_matrix(page, machine.distances->nodes.size());

    std::vector<Column> columns{{"node"}, {"memory", true}, {""}, {"huge pages"}, {"CPUs", false, true}};
    std::vector<std::string> titles;  // outlive the columns, which refer to them
    if (shows_matrix) {
        for (std::size_t i = 0; i < machine.distances->nodes.size(); ++i) {
            titles.push_back((i == 0 ? "to " : "") + std::to_string(machine.distances->nodes[i].value));
        }
        for (const std::string& title : titles) columns.push_back({title, true});
    }
    std::vector<std::vector<Line>> rows;
    for (const NodeGroup& group : groups) {
        Numbers ids;
        std::vector<Numbers> cpus;
        for (const Node* node : group.nodes) {
            ids.push_back(node->id.value);
            cpus.push_back(numbers(node->cpus));
        }
        const bool has_cpus = !group.nodes[0]->cpus.empty();
        std::vector<Line> row{
            text(list_text(ids, page.glyph), Tone::place), text(group.memory), text(group.kind, Tone::notice),
            text(group.hugepages),
            has_cpus ? text(lists_text(cpus, page.glyph, page.width / 2)) : text("none", Tone::notice)};
        if (shows_matrix) {
            const Distances& distances = *machine.distances;
            const auto found = std::find(distances.nodes.begin(), distances.nodes.end(), group.nodes[0]->id);
            for (std::size_t k = 0; k < distances.nodes.size(); ++k) {
                if (found == distances.nodes.end()) {
                    row.push_back(text(std::string(page.glyph.none), Tone::faint));
                    continue;
                }
                const auto i = static_cast<std::size_t>(found - distances.nodes.begin());
                row.push_back(
                    text(std::to_string(distances.matrix[i][k]), i == k ? Tone::faint : Tone::plain));
            }
        }
        rows.push_back(std::move(row));
    }
    page.section("NUMA");
    put_table(page, columns, rows);
    if (has_distances && !shows_matrix) put_distance_summary(page, *machine.distances);
}

}  // namespace torque
