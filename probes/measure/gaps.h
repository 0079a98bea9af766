// watch_gaps(): the loop that does nothing but look at a clock, and so sees when it was kept from it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace torque::measure {

// Lower edges of a histogram, in ns; the first class holds all below the second edge, the last one all from
// its edge on.
inline constexpr std::array<std::uint64_t, 21> kGapEdgesNs = {
    100,       200,        500,        1'000,      2'000,       5'000,       10'000,
    20'000,    50'000,     100'000,    200'000,    500'000,     1'000'000,   2'000'000,
    5'000'000, 10'000'000, 20'000'000, 50'000'000, 100'000'000, 200'000'000, 500'000'000};

// Between two looks at the clock; in ticks of it.
struct Gap {
    std::uint64_t at = 0, length = 0;
};

// What the loop fills; of a fixed size, so that nothing is allocated while it watches. In ticks.
struct GapLog {
    static constexpr std::size_t kLongest = 10;
    static constexpr std::size_t kSlices = 20;

    struct Slice {
        std::uint64_t gaps = 0;  // that began in it
        std::uint64_t lost = 0;  // of its time; the last one has what is beyond it as well
    };

    // Set before.
    std::uint64_t threshold = 1;  // gaps of so long or longer count
    std::uint64_t slice = 1;      // length of a slice, 1 or more
    std::array<std::uint64_t, kGapEdgesNs.size()> edges{};

    // Filled.
    std::uint64_t begin = 0, end = 0;
    std::uint64_t unseen = 0;                                            // while a gap was noted
    std::uint64_t shortest = std::numeric_limits<std::uint64_t>::max();  // between two looks
    std::uint64_t gaps = 0, lost = 0;                                    // how many, and their sum
    std::array<std::uint64_t, kGapEdgesNs.size()> counts{};
    std::array<Slice, kSlices> slices{};
    std::array<Gap, kLongest> longest{};  // in no order; length 0: none
};

void note(GapLog& log, std::uint64_t at, std::uint64_t length);

// Looks at the clock again and again for `ticks`. Between two looks lie a subtraction and three comparisons,
// all in registers. A gap is noted once it is over, and the time that this takes is nobody's: the clock is
// looked at anew.
template <class Clock>
void watch_gaps(Clock clock, GapLog& log, std::uint64_t ticks) {
    const std::uint64_t threshold = log.threshold;
    std::uint64_t shortest = log.shortest, unseen = 0;
    const std::uint64_t begin = log.begin = clock();
    const std::uint64_t until = begin + ticks;
    std::uint64_t last = begin;
    do {
        const std::uint64_t now = clock();
        const std::uint64_t length = now - last;
        last = now;
        if (length < shortest) shortest = length;
        if (length >= threshold) [[unlikely]] {
            note(log, now - length, length);
            last = clock();
            unseen += last - now;
        }
    } while (last < until);
    log.end = last;
    log.unseen = unseen;
    log.shortest = shortest;
}

// The same for either clock, as machine code of its own that can be looked at.
void watch_gaps_tsc(GapLog& log, std::uint64_t ticks);
void watch_gaps_raw(GapLog& log, std::uint64_t ticks);

}  // namespace torque::measure
