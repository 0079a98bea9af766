#include "sys/region.h"
#include "base/format.h"

#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

namespace torque {
namespace {

constexpr int kNodesMax = 1024;  // 2^CONFIG_NODES_SHIFT on any architecture
constexpr std::size_t kWordBits = 8 * sizeof(unsigned long);

// Memory that is not there when it is touched is SIGBUS, so reserved pages are made sure of here.
bool map_reserved(void* at, std::size_t size) {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_HUGETLB | (21 << MAP_HUGE_SHIFT);
    return ::mmap(at, size, PROT_READ | PROT_WRITE, flags, -1, 0) != MAP_FAILED;
}

Result<void> bind_to_node(void* at, std::size_t size, NodeId node) {
    std::vector<unsigned long> mask(kNodesMax / kWordBits);
    long bound = -1;
    int why = EINVAL;
    if (node.value >= 0 && node.value < kNodesMax) {
        mask[static_cast<std::size_t>(node.value) / kWordBits] |=
            1UL << (static_cast<std::size_t>(node.value) % kWordBits);
        // The kernel takes one bit less than it is told of.
        bound = ::syscall(SYS_mbind, at, size, MPOL_BIND, mask.data(), kNodesMax + 1UL, 0);
        why = errno;
    }
    if (bound == 0) return {};
    return fail(formatted("memory cannot be bound to node {}: {}", node.value, std::strerror(why)), {},
                why == EPERM || why == ENOSYS
                    ? "a sandbox forbids mbind(2) or the kernel lacks it: run outside of the container"
                    : "the node has no memory, or cpuset.mems of the cgroup forbids it");
}

}  // namespace

Result<Region> Region::map(std::size_t size, PageWish wish, std::optional<NodeId> node) {
    Region region;
    region.size_ = (size + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
    // Room to align, and at least a page on either side that no other mapping is joined over.
    region.mapped_ = region.size_ + 2 * kHugePageBytes;
    void* mapping = ::mmap(nullptr, region.mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED) {
        return fail(formatted("there is no room for {} MiB: {}", size >> 20, std::strerror(errno)), {},
                    "more address space may be allowed (ulimit -v)");
    }
    region.mapping_ = mapping;
    const auto first = reinterpret_cast<std::uintptr_t>(mapping) + base_page_bytes();
    const std::uintptr_t at = (first + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
    region.bytes_ = reinterpret_cast<std::byte*>(at);
    // Reserved pages are the machine's, not a node's: a bound mapping might find none on its node.
    region.is_reserved_ = wish == PageWish::huge && !node && map_reserved(region.bytes_, region.size_);
    if (!region.is_reserved_) {
        if (::mmap(region.bytes_, region.size_, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) == MAP_FAILED) {
            return fail(formatted("there is no room for {} MiB: {}", size >> 20, std::strerror(errno)));
        }
        // A kernel without transparent huge pages refuses either, and has base pages.
        ::madvise(region.bytes_, region.size_, wish == PageWish::huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    }
    if (node) {
        if (auto bound = bind_to_node(region.bytes_, region.size_, *node); !bound) {
            return tl::unexpected<Error>(bound.error());
        }
    }
    return region;
}

Region::Region(Region&& other) noexcept {
    *this = std::move(other);
}

Region& Region::operator=(Region&& other) noexcept {
    std::swap(mapping_, other.mapping_);
    std::swap(mapped_, other.mapped_);
    std::swap(bytes_, other.bytes_);
    std::swap(size_, other.size_);
    std::swap(is_reserved_, other.is_reserved_);
    return *this;
}

Region::~Region() {
    if (mapping_ != nullptr) ::munmap(mapping_, mapped_);
}

std::size_t base_page_bytes() {
    return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace torque
