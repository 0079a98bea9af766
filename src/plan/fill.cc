#include <algorithm>
#include <functional>
#include <queue>
#include <tuple>
#include <utility>

#include "plan/place.h"

namespace torque::planning {

void water_fill(std::vector<int>& counts, const std::vector<int>& capacities, const std::vector<int>& wants,
                int amount) {
    using Entry = std::tuple<int, bool, std::size_t>;  // count, content with it, position
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> lowest;
    const auto queue = [&](std::size_t i) {
        if (counts[i] < capacities[i]) lowest.emplace(counts[i], counts[i] >= wants[i], i);
    };
    for (std::size_t i = 0; i < counts.size(); ++i) queue(i);
    for (; amount > 0 && !lowest.empty(); --amount) {
        const std::size_t i = std::get<2>(lowest.top());
        lowest.pop();
        ++counts[i];
        queue(i);
    }
}

void best_fit(std::vector<int>& counts, const std::vector<int>& capacities, const std::vector<int>& wants,
              int amount) {
    struct Room {
        int free;
        int wanted;
        std::size_t position;
    };
    std::vector<Room> rooms;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] < capacities[i]) rooms.push_back({capacities[i] - counts[i], wants[i], i});
    }
    std::sort(rooms.begin(), rooms.end(), [](const Room& a, const Room& b) {
        return std::tie(b.free, b.wanted, a.position) < std::tie(a.free, a.wanted, b.position);
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
