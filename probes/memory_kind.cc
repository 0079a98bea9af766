#include "probes/memory_kind.h"

#include <algorithm>
#include <map>
#include <string>

#include "probes/gpu.h"
#include "probes/read.h"

namespace torque {
namespace {

// MEMTIER_ADISTANCE_DRAM, which is 4.5 chunks, in chunks: tiers below are faster.
// include/linux/memory-tiers.h.
constexpr int kDramTier = 4;

std::map<int, int> tiers_of_nodes(const Dir& root) {
    std::map<int, int> tiers;
    const auto dir = root.open("sys/devices/virtual/memory_tiering");
    if (dir == nullptr) return tiers;
    for (int tier : numbered_entries(*dir, "", "memory_tier")) {
        const auto nodes = read_cpu_list(*dir, "memory_tier" + std::to_string(tier) + "/nodelist");
        if (!nodes) continue;
        for (int node : *nodes) tiers[node] = tier;
    }
    return tiers;
}

// Nodes that are made of a DAX device: whether it is one of CXL.
std::map<int, bool> dax_nodes(const Dir& root) {
    std::map<int, bool> nodes;
    const auto sys = root.open("sys");
    if (sys == nullptr) return nodes;
    for (const std::string& name : sys->list("bus/dax/devices")) {
        const std::string path = "bus/dax/devices/" + name;
        const auto node = read_int(*sys, path + "/target_node");
        const auto link =
            sys->link(path);  // "../../../devices/platform/ACPI0017:00/root0/decoder0.0/region0/..."
        if (!node || *node < 0 || !link) continue;
        const bool is_cxl = link->find("/ACPI0017") != link->npos || link->find("/region") != link->npos;
        const bool is_nvdimm = link->find("/ndbus") != link->npos;
        nodes[*node] = is_cxl && !is_nvdimm;
    }
    return nodes;
}

const MemoryAttributes* attributes_of(NodeId node, const std::vector<MemoryAttributes>& attributes) {
    const auto at = std::find_if(attributes.begin(), attributes.end(),
                                 [&](const MemoryAttributes& one) { return one.node == node; });
    return at != attributes.end() ? &*at : nullptr;
}

bool is_twice_as_fast(NodeId node, const std::vector<MemoryAttributes>& attributes) {
    const MemoryAttributes* own = attributes_of(node, attributes);
    if (own == nullptr || !own->read_bytes_per_s) return false;
    const auto is_slower = [&](NodeId initiator) {
        const MemoryAttributes* other = attributes_of(initiator, attributes);
        return other != nullptr && initiator != node && other->read_bytes_per_s &&
               *own->read_bytes_per_s / 2 > *other->read_bytes_per_s;
    };
    return std::any_of(own->initiators.begin(), own->initiators.end(), is_slower);
}

}  // namespace

void read_memory_kinds(const Dir& root, const std::vector<MemoryAttributes>& attributes,
                       std::vector<Node>& nodes) {
    const std::map<int, int> tiers = tiers_of_nodes(root);
    const auto has_no_cpus = [](const Node& node) { return node.cpus.empty(); };
    const bool has_special = std::any_of(nodes.begin(), nodes.end(), has_no_cpus);
    const std::map<int, bool> dax = has_special ? dax_nodes(root) : std::map<int, bool>{};
    const std::vector<int> gpus = has_special ? gpu_memory_nodes(root) : std::vector<int>{};
    for (Node& node : nodes) {
        if (node.memory_bytes.value_or(0) == 0) continue;
        const int id = node.id.value;
        const auto tier = tiers.find(id);
        const auto dax_node = dax.find(id);
        if (!node.cpus.empty()) {
            if (tier != tiers.end() && tier->second == kDramTier) node.memory_kind = MemoryKind::dram;
        } else if (std::find(gpus.begin(), gpus.end(), id) != gpus.end()) {
            node.memory_kind = MemoryKind::gpu;
        } else if (dax_node != dax.end() && dax_node->second) {
            node.memory_kind = MemoryKind::cxl;
        } else if ((tier != tiers.end() && tier->second < kDramTier) ||
                   is_twice_as_fast(node.id, attributes)) {
            node.memory_kind = MemoryKind::hbm;
        }
    }
}

}  // namespace torque
