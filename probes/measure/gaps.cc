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
    GapLog::Slice& slice =
        log.slices[std::min<std::uint64_t>((at - log.begin) / log.slice, GapLog::kSlices - 1)];
    ++slice.gaps;
    slice.lost += length;
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
