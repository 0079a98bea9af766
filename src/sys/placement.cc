#include "sys/placement.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "sys/region.h"

namespace torque {

std::optional<std::map<int, std::uint64_t>> pages_by_node(const std::byte* memory, std::size_t size) {
    constexpr std::size_t kAtOnce = 16384;
    const std::size_t page = base_page_bytes(), all = size / page;
    std::vector<const std::byte*> pages;
    std::vector<int> nodes;
    std::map<int, std::uint64_t> count;
    for (std::size_t first = 0; first < all; first += kAtOnce) {
        pages.clear();
        for (std::size_t i = first; i < std::min(first + kAtOnce, all); ++i)
            pages.push_back(memory + i * page);
        nodes.assign(pages.size(), -1);
        if (::syscall(SYS_move_pages, 0, pages.size(), pages.data(), nullptr, nodes.data(), 0) != 0) {
            return std::nullopt;
        }
        for (const int node : nodes) ++count[std::max(node, -1)];
    }
    return count;
}

}  // namespace torque
