#include "base/declared_memory.h"

#include <algorithm>

namespace torque {

std::optional<int> declared_distance(const Machine& machine, NodeId from, NodeId to) {
    if (!machine.distances) return std::nullopt;
    const std::vector<NodeId>& ids = machine.distances->nodes;
    const auto index = [&](NodeId id) {
        return static_cast<std::size_t>(std::find(ids.begin(), ids.end(), id) - ids.begin());
    };
    const std::size_t row = index(from), column = index(to);
    const auto& matrix = machine.distances->matrix;
    if (row >= matrix.size() || column >= matrix[row].size()) return std::nullopt;
    return matrix[row][column];
}

const MemoryAttributes* declared_attributes(const Machine& machine, NodeId from, NodeId to) {
    const MemoryAttributes* last = nullptr;
    for (const MemoryAttributes& row : machine.memory_attributes) {
        if (row.node == to && std::count(row.initiators.begin(), row.initiators.end(), from) > 0) last = &row;
    }
    return last;
}

}  // namespace torque
