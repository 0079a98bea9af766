// Where a worker's memory should be, and how many buffers its cache holds.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "torque/layout.h"
#include "torque/machine.h"

namespace torque::planning {

// R12: the worker's own node where that has memory, else the nearest that has some: a node whose memory is
// best reached from the worker's by ACPI's HMAT (class 0), then by SLIT distance, then by number. A node
// without CPUs is chosen only where the HMAT names it so and it is neither CXL, HBM nor a GPU's: such memory
// is slower or spoken for. Empty where the machine has no nodes. Unknown memory counts as memory.
std::vector<NodeId> memory_nodes(const Machine& machine, std::optional<NodeId> own);

// What a worker owns of what its receive buffers go through. Absent where the machine does not say.
struct BufferSpace {
    std::optional<std::uint64_t> l2_bytes;  // its share of the level 2 cache
    std::optional<std::uint64_t>
        tlb_bytes;                  // what its share of the last data TLB reaches with pages of 4 KiB
    bool has_huge_entries = false;  // some data TLB has entries for pages of 2 MiB
    bool operator==(const BufferSpace&) const = default;
};

// The caches and TLBs below which a machine's cores are. A cache is divided among the cores below it, and
// both among the workers of a core.
class BufferSpaces {
  public:
    // cores: online cores with their CPUs.
    BufferSpaces(const Machine& machine, const std::vector<CpuSet>& cores);
    BufferSpace of(int cpu, int core_workers) const;

  private:
    struct Share {
        std::uint64_t size_bytes = 0;
        int cores = 0;
    };
    struct Reach {
        int level = 0;
        std::optional<std::uint64_t> bytes;
        bool has_huge_entries = false;
    };
    void add_caches(const Machine& machine, const std::vector<CpuSet>& cores);
    void add_tlbs(const Machine& machine);

    std::vector<Share> shares_;
    std::vector<int> share_of_cpu_;
    std::vector<Reach> reach_of_cpu_;
};

struct BufferChoice {
    Buffers buffers;
    BufferSpace space;
    // The buffers take more than half of what the TLB reaches, and pages of 2 MiB would not.
    bool huge_pages_pay = false;

    std::uint64_t bytes() const {
        return static_cast<std::uint64_t>(buffers.count) * static_cast<std::uint64_t>(buffers.size_bytes);
    }
    bool operator==(const BufferChoice&) const = default;
};

// Buffers of 2 KiB, as many as fit into half of the share of the cache as a power of two, so that the other
// half is left for everything else the worker touches. Where they would need more than half of the TLB and
// there are no entries for huge pages, as many as fit into half of its reach. At least 256, also where
// nothing is known: fewer make a burst of requests wait. At most 32,768, the limit of io_uring's buffer
// rings.
BufferChoice receive_buffers(const BufferSpace& space);

}  // namespace torque::planning
