#include <algorithm>
#include <functional>
#include <queue>
#include <utility>

#include "plan/place.h"

namespace torque::planning {

void water_fill(std::vector<int>& counts, const std::vector<int>& capacities, int amount) {
    using Entry = std::pair<int, std::size_t>;  // count, position
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> lowest;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] < capacities[i]) lowest.emplace(counts[i], i);
    }
    for (; amount > 0 && !lowest.empty(); --amount) {
        const std::size_t i = lowest.top().second;
        lowest.pop();
        if (++counts[i] < capacities[i]) lowest.emplace(counts[i], i);
    }
}

void best_fit(std::vector<int>& counts, const std::vector<int>& capacities, int amount) {
    struct Room {
        int free;
        std::size_t position;
    };
    std::vector<Room> rooms;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] < capacities[i]) rooms.push_back({capacities[i] - counts[i], i});
    }
    std::sort(rooms.begin(), rooms.end(), [](const Room& a, const Room& b) {
        return a.free != b.free ? a.free > b.free : a.position < b.position;
    });
    auto room = rooms.begin();
    for (; amount > 0 && room != rooms.end() && room->free < amount; ++room) {
        counts[room->position] += room->free;
        amount -= room->free;
    }
    if (amount <= 0 || room == rooms.end()) return;
    // The rest fits into some of those that are left: find the smallest that hold it, and take the first of
    // those.
    const auto holds = [amount](const Room& r) { return r.free >= amount; };
    const auto end = std::partition_point(room, rooms.end(), holds);
    const int tightest = std::prev(end)->free;
    const auto first =
        std::partition_point(room, end, [tightest](const Room& r) { return r.free > tightest; });
    counts[first->position] += amount;
}

}  // namespace torque::planning
