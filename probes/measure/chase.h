// chase(): the loop that measures how long a load takes, and the chain of memory that it follows.
#pragma once

#include <cstddef>
#include <cstdint>

namespace torque::measure {

// The start of a cache line: where the next one is.
struct Cell {
    Cell* next;
};

constexpr std::uint64_t kLoadsInRound = 16;

// Follows the chain for 16 loads a round. Each load's address is the one before's value, so that no two of
// them overlap; counting is off that way.
Cell* chase(Cell* at, std::uint64_t rounds);

// A single cycle through `cells` lines of memory in random order, every order as likely as any other: no
// prefetcher knows what comes next. It grows at the cost of what is new only.
class Chain {
  public:
    // `stride_bytes`: from one cell to the next, a cache line or more.
    Chain(std::byte* memory, std::size_t stride_bytes, std::size_t window_cells, std::uint64_t seed)
        : memory_(memory), stride_bytes_(stride_bytes), window_cells_(window_cells), state_(seed) {}

    // The memory has to hold `cells` * stride_bytes.
    void grow(std::size_t cells);

    std::size_t cells() const { return cells_; }
    Cell* first() const { return cell(0); }

  private:
    Cell* cell(std::size_t index) const { return reinterpret_cast<Cell*>(memory_ + index * stride_bytes_); }
    std::uint64_t below(std::uint64_t bound);

    std::byte* memory_;
    std::size_t stride_bytes_, window_cells_, cells_ = 0;
    Cell* last_ = nullptr;  // in the order of the cycle: its next is the first
    std::uint64_t state_;
};

}  // namespace torque::measure
