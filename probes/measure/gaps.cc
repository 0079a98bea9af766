#include "measure/gaps.h"

#include <algorithm>

#include "measure/clock.h"

namespace torque::measure {

void note(GapLog& log, std::uint64_t at, std::uint64_t length) {
    ++log.gaps;
    log.lost += length;
    std::size_t edge = 0;
    while (edge + 1 < log.edges.size() && length >= log.edges[edge + 1]) ++edge;
    ++log.counts[edge];
    const std::uint64_t from = at - log.begin, to = from + length;
    const auto slice_at = [&](std::uint64_t when) {
        return std::min<std::uint64_t>(when / log.slice, GapLog::kSlices - 1);
    };
    ++log.slices[slice_at(from)].gaps;
    for (std::size_t i = slice_at(from); i <= slice_at(to); ++i) {
        const std::uint64_t begin = std::max(from, i * log.slice);
        const std::uint64_t end = i + 1 == GapLog::kSlices ? to : std::min(to, (i + 1) * log.slice);
        log.slices[i].lost += end - begin;
    }
    Gap* shortest = &log.longest[0];
    for (Gap& gap : log.longest) {
        if (gap.length < shortest->length) shortest = &gap;
    }
    if (length > shortest->length) *shortest = {at, length};
}

void watch_gaps_tsc(GapLog& log, std::uint64_t ticks) {
    watch_gaps(TscClock(), log, ticks);
}

void watch_gaps_raw(GapLog& log, std::uint64_t ticks) {
    watch_gaps(RawClock(), log, ticks);
}

}  // namespace torque::measure
