#include "measure/chase.h"

#include <new>

namespace torque::measure {

Cell* chase(Cell* at, std::uint64_t rounds) {
    for (; rounds > 0; --rounds) {
        at = at->next->next->next->next;
        at = at->next->next->next->next;
        at = at->next->next->next->next;
        at = at->next->next->next->next;
    }
    return at;
}

// SplitMix64 (Steele, Lea, Flood 2014); the high half of the product is below `bound`, and off from even by
// less than 2^-32 for as many cells as fit a machine.
std::uint64_t Chain::below(std::uint64_t bound) {
    std::uint64_t mixed = state_ += 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    mixed ^= mixed >> 31;
    return ((mixed >> 32) * bound) >> 32;
}

// Sattolo's algorithm from the inside out: a new cell goes behind a random one of those that are there.
void Chain::grow(std::size_t cells) {
    for (; cells_ < cells; ++cells_) {
        Cell* added = new (cell(cells_)) Cell{nullptr};
        const std::size_t in_window = cells_ % window_cells_;
        Cell* before = in_window == 0 ? last_ : cell(cells_ - in_window + below(in_window));
        if (before == nullptr) before = added->next = added;
        added->next = before->next;
        before->next = added;
        if (before == last_ || last_ == nullptr) last_ = added;
    }
}

}  // namespace torque::measure
