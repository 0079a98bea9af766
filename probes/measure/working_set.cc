#include "measure/working_set.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "measure/backing.h"
#include "measure/bound.h"
#include "measure/chase.h"
#include "measure/stopwatch.h"
#include "measure/summary.h"

namespace torque::measure {
namespace {

constexpr std::size_t kFirstBytes = 4096, kFineBytes = std::size_t{4} << 20;
constexpr std::size_t kFirstPages = 16;
constexpr std::size_t kWindowBytes = 128 * 1024;  // fewer pages than any level 1 TLB of today, larger than
                                                  // what prefetchers look at
constexpr double kSampleNs = 50'000;  // the clock's cost becomes small, and most fit between two ticks
constexpr std::size_t kSamplesMin = 9;
constexpr auto kPointMax = std::chrono::milliseconds(5);
constexpr std::size_t kPassesMax = 5;
constexpr std::uint64_t kRoundsAtOnce = 4096;  // between looks at the clock while warming up

std::size_t stride_of(const Way& way, std::size_t line_bytes) {
    // A line farther in each page, or all of them would want the same sets of the caches.
    return way.order == Order::pages ? base_page_bytes() + line_bytes : line_bytes;
}

std::size_t window_of(const Way& way, std::size_t line_bytes) {
    return way.order == Order::near ? kWindowBytes / line_bytes : SIZE_MAX;
}

std::vector<std::size_t> sizes_of(const Way& way, const WorkingSetLimits& limits) {
    if (way.order == Order::pages) return ladder(kFirstPages, limits.pages_max, SIZE_MAX / 2, 1);
    return ladder(kFirstBytes, limits.bytes_max, kFineBytes, limits.line_bytes);
}

// One pass over the sizes: memory, the chain in it, and where the chase has come to.
class Pass {
  public:
    Pass(Region region, const Way& way, const WorkingSetLimits& limits, std::uint64_t seed, double clock_ns)
        : region_(std::move(region)),
          chain_(region_.bytes(), stride_of(way, limits.line_bytes), window_of(way, limits.line_bytes), seed),
          cells_warm_max_(limits.cache_bytes / limits.line_bytes),
          clock_ns_(clock_ns) {}

    const Region& region() const { return region_; }

    // With the first `cells` lines of the memory.
    Summary measure(std::size_t cells, std::chrono::nanoseconds at_least, Clock::time_point until) {
        chain_.grow(cells);
        if (at_ == nullptr) at_ = chain_.first();
        // Only what was loaded as long ago as it always will be tells what the caches hold. The chase goes on
        // where it was, so beyond the caches a part of the way around does.
        walk(std::min(cells, cells_warm_max_), until);
        const Clock::time_point first = Clock::now();
        at_ = chase(at_, kRoundsFirst);
        const double round_ns = std::max(ns_between(first, Clock::now()), 1.0) / kRoundsFirst;
        const auto rounds = static_cast<std::uint64_t>(std::max(1.0, kSampleNs / round_ns));
        std::vector<double> samples;
        while (samples.size() < kSamplesMin || Clock::now() < first + at_least) {
            const Clock::time_point begin = Clock::now();
            at_ = chase(at_, rounds);
            const double ns = ns_between(begin, Clock::now()) - clock_ns_;
            samples.push_back(std::max(ns, 0.0) / static_cast<double>(rounds * kLoadsInRound));
        }
        return summary_of(std::move(samples));
    }

  private:
    static constexpr std::uint64_t kRoundsFirst = 16;

    void walk(std::size_t loads, Clock::time_point until) {
        for (std::uint64_t rounds = loads / kLoadsInRound + 1; rounds > 0;) {
            const std::uint64_t now = std::min(rounds, kRoundsAtOnce);
            at_ = chase(at_, now);
            rounds -= now;
            if (Clock::now() > until) return;
        }
    }

    Region region_;
    Chain chain_;
    std::size_t cells_warm_max_;
    double clock_ns_;
    Cell* at_ = nullptr;
};

// What is known of a way so far.
struct Taken {
    Curves curves;
    std::chrono::nanoseconds last{0};  // of its last pass
};

class Measuring {
  public:
    Measuring(const Dir& root, const WorkingSetLimits& limits, std::chrono::nanoseconds budget,
              const TimeProgress& progress)
        : root_(root), limits_(limits), progress_(progress), budget_(budget), begin_(Clock::now()) {
        point_ = std::min<std::chrono::nanoseconds>(budget / 2000, kPointMax);
    }

    Result<void> once_each(std::vector<Taken>& all) {
        double shares = 0;
        for (const Taken& taken : all) shares += share_of(taken);
        for (Taken& taken : all) {
            const double own = share_of(taken) / shares;
            shares -= share_of(taken);
            const auto left = begin_ + budget_ - Clock::now();
            const auto limit = Clock::now() + std::chrono::duration_cast<Clock::duration>(left * own);
            if (auto done = take(taken, limit); !done) return done;
        }
        return {};
    }

    // Those that were measured least often first, as long as one of them fits.
    Result<void> again(std::vector<Taken>& all) {
        while (true) {
            const auto left = begin_ + budget_ - Clock::now();
            Taken* next = nullptr;
            for (Taken& taken : all) {
                const std::size_t passes = taken.curves.passes.size();
                if (passes >= kPassesMax || taken.last > left) continue;
                if (next == nullptr || passes < next->curves.passes.size()) next = &taken;
            }
            if (next == nullptr) return {};
            if (auto done = take(*next, begin_ + budget_); !done) return done;
        }
    }

    double clock_ns() const { return clock_ns_; }

  private:
    // Of the time: the caches are to be found even where there is little.
    static double share_of(const Taken& taken) {
        if (taken.curves.way.order == Order::pages) return 1;
        return taken.curves.way.order == Order::near ? 6 : 3;
    }

    Result<void> take(Taken& taken, Clock::time_point until) {
        const Clock::time_point begin = Clock::now();
        Curves& curves = taken.curves;
        const Way& way = curves.way;
        const std::vector<std::size_t> sizes = sizes_of(way, limits_);
        if (sizes.empty()) return {};
        auto region = Region::map(sizes.back() * cell_bytes(way), way.pages, std::nullopt);
        if (!region) return tl::unexpected<Error>(region.error());
        Pass pass(std::move(*region), way, limits_, ++seed_, clock_ns_);
        Curve curve;
        for (const std::size_t size : sizes) {
            if (Clock::now() > until && !curve.empty()) break;
            const std::size_t cells = way.order == Order::pages ? size : size / limits_.line_bytes;
            const Summary found = pass.measure(cells, point_, until);
            curve.push_back({size, found.median, found.spread, found.samples});
            tell();
        }
        note_backing(pass.region(), curves);
        curves.passes.push_back(std::move(curve));
        taken.last = Clock::now() - begin;
        return {};
    }

    std::size_t cell_bytes(const Way& way) const {
        return way.order == Order::pages ? stride_of(way, limits_.line_bytes) : 1;
    }

    void note_backing(const Region& region, Curves& curves) const {
        curves.is_reserved = region.is_reserved();
        const auto backing = read_backing(root_, reinterpret_cast<std::uintptr_t>(region.bytes()));
        if (!backing) return;
        curves.huge_share = std::min(curves.huge_share.value_or(1), backing->huge_share());
    }

    void tell() const {
        const double share = std::chrono::duration<double>(Clock::now() - begin_) / budget_;
        progress_(std::clamp(share, 1e-3, 1.0));
    }

    const Dir& root_;
    const WorkingSetLimits& limits_;
    const TimeProgress& progress_;
    std::chrono::nanoseconds budget_, point_{0};
    Clock::time_point begin_;
    double clock_ns_ = clock_cost_ns();
    std::uint64_t seed_ = 0;
};

}  // namespace

Result<WorkingSets> measure_working_sets(const Dir& root, int cpu, const std::vector<Way>& ways,
                                         const WorkingSetLimits& limits, std::chrono::nanoseconds budget,
                                         const TimeProgress& progress) {
    std::vector<Taken> all;
    for (const Way& way : ways) {
        all.emplace_back();
        all.back().curves.way = way;
    }
    WorkingSets sets;
    sets.bytes_max = limits.bytes_max;
    DisturbanceWatch watch(root, CpuSet{cpu});
    Result<void> done;
    const auto waiting = run_bound(root, CpuSet{cpu}, [&](int) {
        Measuring measuring(root, limits, budget, progress);
        sets.clock_ns = measuring.clock_ns();
        done = measuring.once_each(all);
        if (done) done = measuring.again(all);
    });
    if (!waiting) return tl::unexpected<Error>(waiting.error());
    if (!done) return tl::unexpected<Error>(done.error());
    for (const Times& times : *waiting) watch.add_waiting(times);
    sets.disturbance = watch.so_far();
    for (Taken& taken : all) {
        taken.curves.quickest = quickest(taken.curves.passes);
        sets.curves.push_back(std::move(taken.curves));
    }
    return sets;
}

}  // namespace torque::measure
