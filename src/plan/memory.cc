#include "plan/memory.h"

#include <algorithm>
#include <climits>
#include <tuple>

namespace torque::planning {
namespace {

constexpr int kBufferBytes = 2048;
constexpr int kBuffersMin = 256;
constexpr int kBuffersMax = 4096;

bool has_memory(const Node& node) {
    return !node.memory_bytes || *node.memory_bytes > 0;
}

int distance(const Machine& machine, NodeId from, NodeId to) {
    if (!machine.distances) return INT_MAX;
    const auto& nodes = machine.distances->nodes;
    const auto& matrix = machine.distances->matrix;
    const auto row = static_cast<std::size_t>(std::find(nodes.begin(), nodes.end(), from) - nodes.begin());
    const auto column = static_cast<std::size_t>(std::find(nodes.begin(), nodes.end(), to) - nodes.begin());
    return row < matrix.size() && column < matrix[row].size() ? matrix[row][column] : INT_MAX;
}

}  // namespace

std::vector<NodeId> memory_nodes(const Machine& machine, std::optional<NodeId> own) {
    if (!own) return {};
    const Node* best = nullptr;
    std::tuple<int, NodeId> best_key;
    for (const Node& node : machine.nodes) {
        if (!has_memory(node)) continue;
        if (node.id == *own) return {*own};
        if (node.cpus.empty()) continue;
        const std::tuple<int, NodeId> key{distance(machine, *own, node.id), node.id};
        if (best == nullptr || key < best_key) {
            best = &node;
            best_key = key;
        }
    }
    if (best == nullptr) return {};
    return {best->id};
}

L2Shares::L2Shares(const Machine& machine, const std::vector<CpuSet>& cores) {
    int cpus_max = 0;
    for (const CpuSet& core : cores) cpus_max = std::max(cpus_max, core.last() + 1);
    of_cpu_.assign(static_cast<std::size_t>(cpus_max), -1);
    for (const Cache& cache : machine.caches) {
        if (cache.level != 2 || cache.type == CacheType::instruction || !cache.size_bytes) continue;
        for (int cpu : cache.cpus) {
            if (cpu < cpus_max) of_cpu_[static_cast<std::size_t>(cpu)] = static_cast<int>(shares_.size());
        }
        shares_.push_back({*cache.size_bytes, 0});
    }
    for (const CpuSet& core : cores) {
        const int cache = of_cpu_[static_cast<std::size_t>(core.first())];
        if (cache >= 0) ++shares_[static_cast<std::size_t>(cache)].cores;
    }
}

std::optional<std::uint64_t> L2Shares::share_bytes(int cpu, int core_workers) const {
    if (cpu < 0 || static_cast<std::size_t>(cpu) >= of_cpu_.size()) return std::nullopt;
    const int cache = of_cpu_[static_cast<std::size_t>(cpu)];
    if (cache < 0) return std::nullopt;
    const Share& share = shares_[static_cast<std::size_t>(cache)];
    return share.size_bytes / static_cast<std::uint64_t>(std::max(1, share.cores)) /
           static_cast<std::uint64_t>(std::max(1, core_workers));
}

Buffers receive_buffers(std::optional<std::uint64_t> share_bytes) {
    int count = kBuffersMin;
    while (share_bytes && count < kBuffersMax &&
           static_cast<std::uint64_t>(count) * 2 * kBufferBytes <= *share_bytes / 2) {
        count *= 2;
    }
    return {count, kBufferBytes};
}

}  // namespace torque::planning
