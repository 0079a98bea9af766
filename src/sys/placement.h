// Where the pages of a piece of memory are, by the kernel's word for each of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace torque {

// Base pages of this process by NUMA node; those that are on none, not touched or unknown, under -1.
// move_pages(2), which moves nothing here. Absent where the kernel or a sandbox refuses it.
std::optional<std::map<int, std::uint64_t>> pages_by_node(const std::byte* memory, std::size_t size);

}  // namespace torque
