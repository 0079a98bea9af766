#include "probes/sysfs_numa.h"

#include <string>

#include "probes/read.h"

namespace torque {
namespace {

constexpr int kNodesMax = 4096;  // four times what Linux can have (MAX_NUMNODES)

// The line "Node 0 MemTotal:  65764108 kB".
std::optional<std::uint64_t> memory_of(const Dir& dir, const std::string& node) {
    const auto text = dir.read(node + "meminfo");
    if (!text) return std::nullopt;
    for (std::string_view rest = *text; !rest.empty();) {
        const std::string_view line = take_line(rest);
        const std::size_t at = line.find("MemTotal:");
        if (at == line.npos) continue;
        std::string_view value = trim_space(line.substr(at + 9));
        const auto kib = parse_unsigned(take_until(value, ' '), std::uint64_t{1} << 50);
        return kib ? std::optional(*kib << 10) : std::nullopt;
    }
    return std::nullopt;
}

std::vector<HugePages> hugepages_of(const Dir& dir, const std::string& node) {
    static constexpr std::string_view kPrefix = "hugepages-";
    std::vector<HugePages> out;
    for (const std::string& name : dir.list(node + "hugepages")) {
        if (!name.starts_with(kPrefix) || !name.ends_with("kB")) continue;
        const auto kib =
            parse_unsigned(std::string_view(name).substr(kPrefix.size(), name.size() - kPrefix.size() - 2),
                           std::uint64_t{1} << 40);
        const auto total = read_unsigned(dir, node + "hugepages/" + name + "/nr_hugepages");
        if (!kib || !total) continue;
        const auto free =
            *total > 0 ? read_unsigned(dir, node + "hugepages/" + name + "/free_hugepages") : std::nullopt;
        out.push_back({*kib << 10, *total, free.value_or(0)});
    }
    return out;
}

// "10 21 31"; absent when it does not hold `count` numbers.
std::optional<std::vector<int>> distances_of(const Dir& dir, const std::string& node, std::size_t count) {
    const auto text = dir.read(node + "distance");
    if (!text) return std::nullopt;
    std::vector<int> row;
    for (std::string_view rest = *text; !rest.empty();) {
        const std::string_view word = trim_space(take_until(rest, ' '));
        if (word.empty()) continue;
        const auto value = parse_unsigned(word, INT32_MAX);
        if (!value) return std::nullopt;
        row.push_back(static_cast<int>(*value));
    }
    return row.size() == count ? std::optional(std::move(row)) : std::nullopt;
}

}  // namespace

SysfsNumaFacts read_sysfs_numa(const Dir& root) {
    SysfsNumaFacts facts;
    const auto dir = root.open("sys/devices/system/node");
    if (dir == nullptr) return facts;
    std::vector<int> ids = numbered_entries(*dir, "", "node");
    std::erase_if(ids, [](int id) { return id >= kNodesMax; });
    Distances distances;
    for (int id : ids) {
        const std::string path = "node" + std::to_string(id) + "/";
        Node node;
        node.id = NodeId{id};
        node.cpus = read_cpus(*dir, path + "cpumap", path + "cpulist").value_or(CpuSet{});
        node.memory_bytes = memory_of(*dir, path);
        node.hugepages = hugepages_of(*dir, path);
        distances.nodes.push_back(node.id);
        if (auto row = distances_of(*dir, path, ids.size())) distances.matrix.push_back(std::move(*row));
        facts.nodes.push_back(std::move(node));
    }
    if (!distances.nodes.empty() && distances.matrix.size() == distances.nodes.size()) {
        facts.distances = std::move(distances);
    }
    return facts;
}

}  // namespace torque
