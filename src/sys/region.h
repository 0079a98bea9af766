// Region: memory of pages of a chosen size, on a NUMA node where one is named.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "torque/ids.h"
#include "torque/result.h"

namespace torque {

enum class PageWish {
    base,  // the smallest pages that there are, and no others: madvise(2), MADV_NOHUGEPAGE
    huge   // reserved huge pages where there are enough of them (MAP_HUGETLB), else MADV_HUGEPAGE
};

// Mapped, and not touched yet: the kernel looks for pages as they are written to for the first time. Nothing
// else lies in the mapping, so what /proc tells of its addresses tells of it alone.
class Region {
  public:
    // `size` is rounded up to whole huge pages. With `node`, memory is taken from there and nowhere else:
    // mbind(2), MPOL_BIND; touching more than the node has ends the process then. Errors: there is no room;
    // the kernel forbids or does not know policies, or the node has no memory.
    static Result<Region> map(std::size_t size, PageWish wish, std::optional<NodeId> node);

    Region(Region&& other) noexcept;
    Region& operator=(Region&& other) noexcept;
    Region(const Region&) = delete;
    Region& operator=(const Region&) = delete;
    ~Region();

    std::byte* bytes() const { return bytes_; }  // aligned to a huge page
    std::size_t size() const { return size_; }
    bool is_reserved() const { return is_reserved_; }  // of reserved huge pages

  private:
    Region() = default;

    void* mapping_ = nullptr;
    std::size_t mapped_ = 0;
    std::byte* bytes_ = nullptr;
    std::size_t size_ = 0;
    bool is_reserved_ = false;
};

// Of the pages that programs get unless they ask for others, in bytes.
std::size_t base_page_bytes();

// What a huge page is taken for: the size of x86 and of 4 KiB pages on ARM.
constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;

}  // namespace torque
