#include "probes/hmat.h"

#include <optional>
#include <string>

#include "probes/read.h"

namespace torque {
namespace {

constexpr std::uint64_t kMibPerSecondMax = std::uint64_t{1} << 40;

// Zero is what the kernel shows where firmware gives no figure.
std::optional<std::uint64_t> read_figure(const Dir& dir, const char* name) {
    const auto value = read_unsigned(dir, name);
    return value && *value > 0 ? value : std::nullopt;
}

std::optional<std::uint64_t> read_bandwidth(const Dir& dir, const char* name) {
    const auto value = read_figure(dir, name);
    return value && *value <= kMibPerSecondMax ? std::optional(*value << 20) : std::nullopt;
}

std::optional<MemoryAttributes> read_class(const Dir& nodes, const std::string& node, NodeId id,
                                           int access_class) {
    const auto dir = nodes.open(node + "access" + std::to_string(access_class) + "/initiators");
    if (dir == nullptr) return std::nullopt;
    MemoryAttributes out;
    out.node = id;
    out.access_class = access_class;
    for (int initiator : numbered_entries(*dir, "", "node")) out.initiators.push_back(NodeId{initiator});
    out.read_bytes_per_s = read_bandwidth(*dir, "read_bandwidth");
    out.write_bytes_per_s = read_bandwidth(*dir, "write_bandwidth");
    out.read_latency_ns = read_figure(*dir, "read_latency");
    out.write_latency_ns = read_figure(*dir, "write_latency");
    const bool has_figure =
        out.read_bytes_per_s || out.write_bytes_per_s || out.read_latency_ns || out.write_latency_ns;
    return has_figure ? std::optional(std::move(out)) : std::nullopt;
}

std::vector<MemorySideCache> read_caches(const Dir& nodes, const std::string& node) {
    std::vector<MemorySideCache> caches;
    for (int level : numbered_entries(nodes, node + "memory_side_cache", "index")) {
        const std::string path = node + "memory_side_cache/index" + std::to_string(level) + "/";
        MemorySideCache cache;
        cache.level = level;
        cache.size_bytes = read_unsigned(nodes, path + "size");
        cache.line_bytes = read_unsigned(nodes, path + "line_size");
        // enum cache_indexing and cache_write_policy of include/linux/node.h; 2 is "other" in both.
        if (const auto indexing = read_int(nodes, path + "indexing"); indexing && *indexing <= 1) {
            cache.direct_mapped = *indexing == 0;
        }
        if (const auto policy = read_int(nodes, path + "write_policy"); policy && *policy <= 1) {
            cache.write_back = *policy == 0;
        }
        caches.push_back(cache);
    }
    return caches;
}

}  // namespace

std::vector<MemoryAttributes> read_hmat(const Dir& root, std::vector<Node>& nodes) {
    std::vector<MemoryAttributes> attributes;
    const auto dir = root.open("sys/devices/system/node");
    if (dir == nullptr) return attributes;
    for (Node& node : nodes) {
        const std::string path = "node" + std::to_string(node.id.value) + "/";
        for (int access_class : {0, 1}) {
            auto found = read_class(*dir, path, node.id, access_class);
            if (!found) break;  // class 1 came later than class 0, and does not come without it
            attributes.push_back(std::move(*found));
        }
        node.memory_side_caches = read_caches(*dir, path);
    }
    return attributes;
}

}  // namespace torque
