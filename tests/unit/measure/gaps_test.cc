// Gaps between looks at a clock: streams of readings made here, and what is made of them.
#include "measure/gaps.h"

#include <vector>

#include "catch.h"
#include "measure/jitter.h"

using namespace torque;
using namespace torque::measure;

namespace {

// Two ticks are a nanosecond.
const ClockChoice kClock{true, 2};

// A clock that is looked at every `look` ticks but for gaps of (look number, ticks).
struct Recorded {
    std::uint64_t look = 20;
    std::vector<Gap> gaps;  // by number
    std::uint64_t* now;
    std::uint64_t* looks;

    std::uint64_t operator()() const {
        ++*looks;
        for (const Gap& gap : gaps) {
            if (gap.at == *looks) return *now += gap.length;
        }
        return *now += look;
    }
};

CpuJitter watched(std::uint64_t look, const std::vector<Gap>& gaps, double duration_ns) {
    std::uint64_t now = 1'000'000, looks = 0;
    GapLog log = empty_log(kClock, gap_threshold_ns(kClock.ns(look)), duration_ns);
    watch_gaps(Recorded{look, gaps, &now, &looks}, log, kClock.ticks(duration_ns));
    return jitter_of(log, kClock, 3);
}

}  // namespace

TEST_CASE("a clock that nobody disturbs has no gaps") {
    const CpuJitter jitter = watched(20, {}, 1e6);
    CHECK(jitter.cpu == 3);
    CHECK(jitter.gaps == 0);
    CHECK(jitter.stolen_ns == 0);
    CHECK(jitter.look_ns == 10);
    CHECK(jitter.watched_ns == 1e6);
    CHECK(jitter.longest.empty());
    CHECK(jitter.stolen_share.median == 0);
}

TEST_CASE("gaps are counted by their lengths, less what a look takes") {
    // In ticks: 150 ns is below the threshold of 200 ns, which itself is not.
    const CpuJitter jitter = watched(20, {{10, 300}, {20, 400}, {30, 2'100}, {40, 20'020}}, 1e6);
    CHECK(jitter.gaps == 3);
    CHECK(jitter.stolen_ns == 190 + 1'040 + 10'000);
    CHECK(jitter.histogram[1] == 1);  // from 200 ns
    CHECK(jitter.histogram[3] == 1);  // from 1 µs
    CHECK(jitter.histogram[6] == 1);  // from 10 µs
    REQUIRE(jitter.longest.size() == 3);
    CHECK(jitter.longest[0].length_ns == 10'000);
    CHECK(jitter.longest[1].length_ns == 1'040);
}

TEST_CASE("a gap lies where it began, and noting it is nobody's time") {
    std::uint64_t now = 0, looks = 0;
    GapLog log = empty_log(kClock, 200, 1e5);
    // The 11th look ends the gap; the 12th is the one behind the note, which took long.
    watch_gaps(Recorded{20, {{11, 5'000}, {12, 7'000}}, &now, &looks}, log, kClock.ticks(1e5));
    CHECK(log.gaps == 1);
    CHECK(log.unseen == 7'000);
    const CpuJitter jitter = jitter_of(log, kClock, 0);
    REQUIRE(jitter.longest.size() == 1);
    CHECK(jitter.longest[0].at_ns == 90);
    CHECK(jitter.longest[0].length_ns == 2'490);
    CHECK(jitter.watched_ns + 3'500 >= 1e5);
}

TEST_CASE("of many gaps the longest are kept, and slices tell how even they come") {
    std::vector<Gap> gaps;
    for (std::uint64_t i = 1; i <= 100; ++i) gaps.push_back({i * 100, 2'000 + (i * 37) % 100});
    const CpuJitter jitter = watched(20, gaps, 2.1e5);
    CHECK(jitter.gaps == 100);
    REQUIRE(jitter.longest.size() == GapLog::kLongest);
    CHECK(jitter.longest.front().length_ns == (2'099 - 20) / 2.0);
    CHECK(jitter.longest.back().length_ns == (2'090 - 20) / 2.0);
    CHECK(jitter.gaps_per_s.median == Approx(100 / 2.1e-4).epsilon(0.25));
    CHECK(jitter.gaps_per_s.samples == 20);
    CHECK(jitter.stolen_share.median == Approx(jitter.stolen_ns / 2.1e5).epsilon(0.25));
    CHECK(jitter.stolen_share.spread < jitter.stolen_share.median / 2);
}

TEST_CASE("a gap longer than everything ends the watch and is in the last class") {
    const CpuJitter jitter = watched(20, {{5, 4'000'000'000}}, 1e6);
    CHECK(jitter.gaps == 1);
    CHECK(jitter.histogram.back() == 1);
    CHECK(jitter.watched_ns > 1.9e9);
    CHECK(jitter.stolen_share.median == 1);
    CHECK(jitter.gaps_per_s.median == 0);  // it began in one slice of 20
}

TEST_CASE("a gap is the time of all slices that it lies in") {
    // Slices of 100 us, and by turns 150 us for others and 150 us of looks.
    std::vector<Gap> gaps;
    for (std::uint64_t i = 0; i < 7; ++i) gaps.push_back({15'000 * i + 10'000, 300'020});
    const CpuJitter jitter = watched(20, gaps, 2e6);
    CHECK(jitter.stolen_ns == 7 * 150e3);
    CHECK(jitter.stolen_share.median == Approx(0.5).epsilon(0.05));
    CHECK(jitter.stolen_share.samples == 20);
}

TEST_CASE("a clock that is slow to look at has a higher threshold") {
    CHECK(gap_threshold_ns(10) == 200);
    CHECK(gap_threshold_ns(500) == 2'000);
    CHECK(watched(1'000, {{10, 1'500}}, 1e6).gaps == 0);
    CHECK(watched(1'000, {{10, 4'000}}, 1e6).gaps == 1);
}

TEST_CASE("both clocks of this machine go forward") {
    for (const bool is_tsc : {false, true}) {
        GapLog log = empty_log({false, 1}, 200, 1e6);
        is_tsc ? watch_gaps_tsc(log, 1'000'000) : watch_gaps_raw(log, 1'000'000);
        CHECK(log.end - log.begin >= 1'000'000);
        CHECK(log.shortest < 1'000'000);
        CHECK(log.lost <= log.end - log.begin);
    }
}
