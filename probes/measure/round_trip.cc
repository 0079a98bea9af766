#include "measure/round_trip.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <new>
#include <optional>
#include <thread>

#include "base/format.h"
#include "measure/bounce.h"
#include "measure/clock.h"
#include "measure/summary.h"
#include "sys/confine.h"
#include "sys/fresh_page.h"

namespace torque::measure {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kTrips = 100;              // of a sample: the clock's cost becomes small
constexpr std::uint32_t kStepMax = 4'000'000'000;  // below Line::kStop
constexpr std::uint32_t kSpinsMax = 1u << 28;      // a fraction of a second: longer than a time slice
constexpr std::size_t kSamplesMin = 5;
constexpr auto kShareMax = std::chrono::milliseconds(200);

double ns_between(Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double, std::nano>(to - from).count();
}

// What both threads of a pair share. Sides are 0, which keeps the time, and 1, which answers.
struct Meeting {
    const Dir& root;
    int cpus[2];
    int owner;                          // the side whose memory holds the line
    std::atomic<Line*> line = nullptr;  // set by the owner
    std::atomic<bool> is_over = false;  // a side could not take part, or is done
    FreshPage page;
    std::optional<Error> errors[2];
    Times waiting[2];
};

// Waits for the owner's line; null if the other side gave up before.
Line* meet(Meeting& meeting) {
    while (true) {
        if (Line* line = meeting.line.load(std::memory_order_acquire)) return line;
        if (meeting.is_over.load(std::memory_order_acquire)) return nullptr;
        std::this_thread::yield();
    }
}

// One-way times of samples, in ns.
std::vector<double> keep_time(Line& line, std::chrono::nanoseconds share, double clock_ns) {
    std::vector<double> samples;
    const Clock::time_point until = Clock::now() + share;
    std::uint32_t first = 0;
    // The first trips bring the other thread onto its CPU, and both clocks up.
    bool answered = bounce(line, first, kTrips, kSpinsMax);
    for (first += 2 * kTrips; answered && first < kStepMax; first += 2 * kTrips) {
        const Clock::time_point begin = Clock::now();
        if (begin > until && samples.size() >= kSamplesMin) break;
        answered = bounce(line, first, kTrips, kSpinsMax);
        const double ns = ns_between(begin, Clock::now()) - clock_ns;
        if (answered) samples.push_back(std::max(0.0, ns) / (2.0 * kTrips));
    }
    // After the other side's last answer, which would write over it.
    for (std::uint32_t spins = kSpinsMax; answered && spins > 0; --spins) {
        if (line.turn.load(std::memory_order_acquire) == first) break;
    }
    line.turn.store(Line::kStop, std::memory_order_release);
    return samples;
}

// Binds the thread to its side's CPU, meets the other one and does `work` with the line.
template <class Work>
void take_part(Meeting& meeting, int side, Work work) {
    const auto bound = confine({CpuSet{meeting.cpus[side]}, {}});
    if (!bound) meeting.errors[side] = bound.error();
    if (bound && meeting.owner == side) {
        meeting.line.store(new (meeting.page.bytes()) Line, std::memory_order_release);
    }
    if (Line* line = bound ? meet(meeting) : nullptr) {
        const auto before = read_waiting(meeting.root);
        work(*line);
        const auto after = read_waiting(meeting.root);
        if (before && after)
            meeting.waiting[side] = {after->lost - before->lost, after->total - before->total};
    }
    meeting.is_over.store(true, std::memory_order_release);
}

struct Samples {
    std::vector<double> one_way_ns;
    Times waiting;  // of both threads
};

Result<Samples> sample_pair(Meeting& meeting, std::chrono::nanoseconds share, double clock_ns) {
    Samples samples;
    std::thread answering(
        [&] { take_part(meeting, 1, [](Line& line) { bounce(line, 1, kStepMax / 2, kSpinsMax); }); });
    std::thread timing([&] {
        take_part(meeting, 0, [&](Line& line) { samples.one_way_ns = keep_time(line, share, clock_ns); });
    });
    answering.join();
    timing.join();
    for (const auto& error : meeting.errors) {
        if (error) return tl::unexpected<Error>(*error);
    }
    for (const Times& waiting : meeting.waiting) samples.waiting += waiting;
    return samples;
}

// With the line in the memory of either side.
Result<PairTime> measure_pair(const Dir& root, int a, int b, std::chrono::nanoseconds share, double clock_ns,
                              DisturbanceWatch& watch) {
    std::optional<PairTime> best;
    for (const int owner : {0, 1}) {
        Meeting meeting{root, {a, b}, owner};
        auto samples = sample_pair(meeting, share / 2, clock_ns);
        if (!samples) return tl::unexpected<Error>(samples.error());
        watch.add_waiting(samples->waiting);
        if (samples->one_way_ns.size() < kSamplesMin) continue;
        const Summary ns = summary_of(std::move(samples->one_way_ns));
        const PairTime time{a, b, ns.median, ns.spread, ns.samples};
        if (!best || time.one_way_ns < best->one_way_ns) best = time;
    }
    if (best) return *best;
    return fail("the machine is too busy to measure: two bound threads hardly ever ran at the same time",
                formatted("CPUs {} and {}", a, b),
                "wait until less runs there, or name other CPUs with --cpus");
}

}  // namespace

Result<CoreTimes> measure_cores(const Dir& root, const CpuSet& cpus, std::chrono::nanoseconds budget,
                                const Progress& progress) {
    const int all = cpus.count() * (cpus.count() - 1) / 2;
    const std::chrono::nanoseconds share =
        std::min<std::chrono::nanoseconds>(budget / std::max(all, 1), kShareMax);
    CoreTimes times;
    times.clock_ns = clock_cost_ns();
    DisturbanceWatch watch(root, cpus);
    for (const int a : cpus) {
        for (const int b : cpus) {
            if (b <= a) continue;
            auto pair = measure_pair(root, a, b, share, times.clock_ns, watch);
            if (!pair) return tl::unexpected<Error>(pair.error());
            times.pairs.push_back(*pair);
            progress(static_cast<int>(times.pairs.size()), all);
        }
    }
    times.disturbance = watch.so_far();
    return times;
}

LatencyMatrix matrix_of(const CoreTimes& times, const CpuSet& cpus) {
    std::vector<int> row_of(static_cast<std::size_t>(cpus.last() + 1));
    int row = 0;
    for (const int cpu : cpus) row_of[static_cast<std::size_t>(cpu)] = row++;
    LatencyMatrix matrix(row);
    for (const PairTime& pair : times.pairs) {
        matrix.set(row_of[static_cast<std::size_t>(pair.a)], row_of[static_cast<std::size_t>(pair.b)],
                   std::min(pair.one_way_ns, LatencyMatrix::kNsMax));
    }
    return matrix;
}

}  // namespace torque::measure
