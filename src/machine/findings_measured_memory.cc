
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "base/declared_memory.h"
#include "base/format.h"
#include "base/ranked.h"
#include "machine/findings_checks.h"
#include "machine/findings_measured_parts.h"

namespace torque::findings {
namespace {

constexpr std::size_t kNamed = 4;

std::string list_of(const std::vector<std::string>& parts) {
    std::string list;
    for (std::size_t i = 0; i < std::min(parts.size(), kNamed); ++i)
        list += (list.empty() ? "" : "; ") + parts[i];
    return parts.size() > kNamed ? list + formatted("; and {} more", parts.size() - kNamed) : list;
}

void find_elsewhere(const MeasuredMemory& memory, Machine& machine) {
    struct Pages {
        std::uint64_t all = 0, elsewhere = 0;
    };
    std::map<NodeId, Pages> worst;  // the CPUs of several nodes read the same pages
    for (const MeasuredCell& cell : memory.cells) {
        if (!cell.to || cell.pages_elsewhere == 0) continue;
        Pages& pages = worst[*cell.to];
        if (cell.pages_elsewhere > pages.elsewhere) pages = {cell.pages, cell.pages_elsewhere};
    }
    if (worst.empty()) return;
    std::vector<std::string> parts;
    for (const auto& row : worst) {
        parts.push_back(
            formatted("{} of {} pages of node {}", row.second.elsewhere, row.second.all, row.first.value));
    }
    machine.findings.push_back(
        {"measured-memory-elsewhere",
         Severity::warning,
         "memory that was asked of a node lay on another one: " + list_of(parts),
         "free memory there, or let the process have memory of that node (cpuset.mems): what was measured is "
         "not that node's",
         {memory.file}});
}

// A memory node as the CPUs of another node see it.
struct Seen {
    NodeId node;
    double latency_ns = 0, spread_ns = 0;
};

struct Scale {
    const char* what;
    std::optional<double> (*declared)(const Machine&, NodeId from, NodeId to);
};

std::optional<double> slit(const Machine& machine, NodeId from, NodeId to) {
    const auto distance = declared_distance(machine, from, to);
    return distance ? std::optional<double>(*distance) : std::nullopt;
}

std::optional<double> hmat(const Machine& machine, NodeId from, NodeId to) {
    const MemoryAttributes* row = declared_attributes(machine, from, to);
    if (row == nullptr || !row->read_latency_ns) return std::nullopt;
    return static_cast<double>(*row->read_latency_ns);
}

constexpr Scale kScales[] = {{"distance", slit}, {"HMAT latency", hmat}};

std::string pair_text(NodeId from, const Scale& scale, const Seen& slow, double slow_declared,
                      const Seen& quick, double quick_declared) {
    return formatted("from node {}, node {} takes {:.0f} ns at {} {:.0f} and node {} {:.0f} ns at {:.0f}",
                     from.value, slow.node.value, slow.latency_ns, scale.what, slow_declared,
                     quick.node.value, quick.latency_ns, quick_declared);
}

// Of all memory nodes that one CPU node sees.
void compare(const Machine& machine, NodeId from, const std::vector<Seen>& seen,
             std::vector<std::string>& parts) {
    for (const Scale& scale : kScales) {
        std::vector<std::optional<double>> declared;
        for (const Seen& one : seen) declared.push_back(scale.declared(machine, from, one.node));
        for (std::size_t i = 0; i < seen.size(); ++i) {
            for (std::size_t k = 0; k < i; ++k) {
                if (!declared[i] || !declared[k]) continue;
                const Rank order = rank({*declared[i], seen[i].latency_ns, seen[i].spread_ns},
                                        {*declared[k], seen[k].latency_ns, seen[k].spread_ns});
                if (order != Rank::contradicting) continue;
                const bool is_slower = seen[i].latency_ns > seen[k].latency_ns;
                const std::size_t slow = is_slower ? i : k, quick = is_slower ? k : i;
                parts.push_back(
                    pair_text(from, scale, seen[slow], *declared[slow], seen[quick], *declared[quick]));
            }
        }
    }
}

// Only nodes that the machine has: a document may name as many as it likes.
bool has_node(const Machine& machine, NodeId id) {
    return std::any_of(machine.nodes.begin(), machine.nodes.end(),
                       [&](const Node& node) { return node.id == id; });
}

void find_other_order(const MeasuredMemory& memory, Machine& machine) {
    std::map<NodeId, std::vector<Seen>> by_node;
    for (const MeasuredCell& cell : memory.cells) {
        // Pages elsewhere tell of another node, and so may pages of which nobody tells where they are.
        if (!cell.from || !cell.to || !cell.latency_ns || cell.pages == 0 || cell.pages_elsewhere > 0)
            continue;
        if (has_node(machine, *cell.from) && has_node(machine, *cell.to))
            by_node[*cell.from].push_back({*cell.to, *cell.latency_ns, cell.spread_ns});
    }
    std::vector<std::string> parts;
    for (const auto& row : by_node) compare(machine, row.first, row.second, parts);
    if (parts.empty()) return;
    machine.findings.push_back(
        {"measured-distance-differs",
         Severity::warning,
         "the firmware's distances have memory nodes in another order than their latencies: " +
             list_of(parts),
         "place memory by what was measured: the kernel goes by the distances when a node is full; look for "
         "newer firmware, or have the hypervisor pass the host's distances on",
         {memory.file, source_of(machine, "distances", "the machine's claims")}});
}

}  // namespace

void find_other_memory(const MeasuredMemory& memory, Machine& machine) {
    find_elsewhere(memory, machine);
    find_other_order(memory, machine);
}

}  // namespace torque::findings
