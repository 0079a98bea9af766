#include "measure/memory_cells.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/format.h"
#include "measure/backing.h"
#include "measure/bound.h"
#include "measure/chase.h"
#include "measure/room.h"
#include "measure/stopwatch.h"
#include "measure/stream.h"
#include "sys/placement.h"
#include "sys/region.h"

namespace torque::measure {
namespace {

constexpr std::size_t MiB = std::size_t{1} << 20;
constexpr std::size_t kBytesLeast = 4 * MiB;      // less says nothing of memory on any machine
constexpr std::size_t kBytesUseful = 64 * MiB;    // even where the caches are small
constexpr std::size_t kTimesCaches = 4;           // so large that the caches hold little of it
constexpr std::size_t kShareOfMemory = 4;         // a fourth of what is free, at most
constexpr std::size_t kWindowBytes = 128 * 1024;  // as of Order::near: the TLB stays out of it
constexpr std::size_t kSliceStep =
    64 * 1024;  // slices of the CPUs are multiples, and so are looks at the clock
constexpr double kSampleNs = 50'000;
constexpr std::uint64_t kRoundsFirst = 16;  // of the chase, to know how long a sample has to be
constexpr std::int64_t kRoundsLeast = 5;    // of reading
constexpr auto kRound = std::chrono::milliseconds(100);
constexpr auto kShareMax = std::chrono::seconds(4);  // what others read comes and goes by the second

// Memory of a node, touched, with a chain through a part of it.
struct Mapped {
    Region region;
    bool is_bound = false;
};

struct Slice {
    std::size_t first = 0, size = 0;
};

Slice slice_of(std::size_t bytes, const CpuSet& cpus, int cpu) {
    const auto count = static_cast<std::size_t>(cpus.count());
    std::size_t index = 0;
    for (const int other : cpus) index += other < cpu ? 1 : 0;
    const std::size_t size = bytes / count / kSliceStep * kSliceStep;
    return {index * size, size};
}

// One byte in each page is enough for the kernel to look for it.
void touch(std::byte* memory, std::size_t size) {
    for (std::size_t at = 0; at < size; at += base_page_bytes()) {
        *static_cast<volatile std::byte*>(memory + at) = std::byte{0};
    }
}

PagePlacement placement_of(const Dir& root, const Region& region, std::optional<NodeId> node) {
    PagePlacement placement;
    auto pages = pages_by_node(region.bytes(), region.size());
    placement.by = "move_pages";
    if (!pages) {
        pages = read_numa_maps(root, reinterpret_cast<std::uintptr_t>(region.bytes()));
        placement.by = "numa_maps";
    }
    if (!pages || !node) return {};
    for (const auto& [where, count] : *pages) {
        placement.pages += count;
        if (where != node->value) placement.elsewhere += count;
    }
    return placement;
}

class Measuring {
  public:
    Measuring(const Dir& root, const MemoryLimits& limits, std::chrono::nanoseconds share, double clock_ns,
              DisturbanceWatch& watch)
        : root_(root), limits_(limits), share_(share), clock_ns_(clock_ns), watch_(watch) {}

    // Memory on the node, as much as the largest caches of all want.
    Result<Mapped> map(const MemorySource& node, std::size_t wanted) {
        const std::uint64_t free = free_bytes(root_, node.id).value_or(kBytesUseful * kShareOfMemory);
        const std::size_t bytes =
            std::min<std::uint64_t>(wanted, free / kShareOfMemory) / (2 * MiB) * (2 * MiB);
        if (bytes < kBytesLeast) {
            return fail(formatted("{} MiB are free there, and {} at least are needed", free / MiB,
                                  kBytesLeast * kShareOfMemory / MiB));
        }
        auto region = Region::map(bytes, PageWish::huge, node.id);
        if (region) return Mapped{std::move(*region), node.id.has_value()};
        if (node.cpus.empty()) return tl::unexpected<Error>(region.error());
        auto plain = Region::map(bytes, PageWish::huge, std::nullopt);
        if (!plain) return tl::unexpected<Error>(plain.error());
        return Mapped{std::move(*plain), false};
    }

    Result<void> touch_all(Mapped& mapped, const CpuSet& cpus) {
        return run(cpus, [&](int cpu) {
            const Slice slice = slice_of(mapped.region.size(), cpus, cpu);
            touch(mapped.region.bytes() + slice.first, slice.size);
            // The last one takes what does not divide.
            const std::size_t end = slice.first + slice.size;
            if (cpu == cpus.last()) touch(mapped.region.bytes() + end, mapped.region.size() - end);
        });
    }

    // `progress` hears how much of it is done, 0 to 1.
    Result<void> measure(Mapped& mapped, const CpuNode& from, MemoryCell& cell,
                         const std::function<void(double)>& progress) {
        auto done = run(CpuSet{cell.cpu}, [&](int) { cell.latency_ns = latency(mapped.region, from); });
        if (!done) return done;
        std::vector<double> rates;
        const auto rounds = std::max<std::int64_t>(share_ / 2 / kRound, kRoundsLeast);
        for (std::int64_t round = 0; round < rounds; ++round) {
            std::mutex both;
            double sum = 0;
            done = run(cell.cpus, [&](int cpu) {
                const double rate =
                    read(mapped.region, slice_of(mapped.region.size(), cell.cpus, cpu), share_ / 2 / rounds);
                const std::lock_guard lock(both);
                sum += rate;
            });
            if (!done) return done;
            rates.push_back(sum);
            progress(static_cast<double>(rates.size()) / static_cast<double>(rounds));
        }
        cell.read_bytes_per_s = summary_of(std::move(rates));
        return {};
    }

  private:
    Result<void> run(const CpuSet& cpus, const std::function<void(int)>& work) {
        const auto waiting = run_bound(root_, cpus, work);
        if (!waiting) return tl::unexpected<Error>(waiting.error());
        for (const Times& times : *waiting) watch_.add_waiting(times);
        return {};
    }

    // Along the chain once at most, and not to its end: what was touched last when it grew is still in
    // caches.
    Summary latency(const Region& region, const CpuNode& from) {
        const std::size_t wanted = std::max(kTimesCaches * from.cache_bytes, kBytesUseful);
        const std::size_t bytes = std::min(region.size(), wanted);
        Chain chain(region.bytes(), limits_.line_bytes, kWindowBytes / limits_.line_bytes, ++seed_);
        chain.grow(bytes / limits_.line_bytes);
        const std::size_t held = std::min(from.cache_bytes / limits_.line_bytes, chain.cells() / 2);
        const Clock::time_point first = Clock::now();
        Cell* at = chase(chain.first(), kRoundsFirst);
        const double round_ns = std::max(ns_between(first, Clock::now()), 1.0) / kRoundsFirst;
        const auto rounds = static_cast<std::uint64_t>(std::max(1.0, kSampleNs / round_ns));
        std::uint64_t left = (chain.cells() - held) / kLoadsInRound - kRoundsFirst;
        std::vector<double> samples;
        for (; left >= rounds && Clock::now() < first + share_ / 2; left -= rounds) {
            const Clock::time_point begin = Clock::now();
            at = chase(at, rounds);
            const double ns = std::max(ns_between(begin, Clock::now()) - clock_ns_, 0.0);
            samples.push_back(ns / static_cast<double>(rounds * kLoadsInRound));
        }
        return summary_of(std::move(samples));
    }

    // Of this CPU's slice, over and over, in bytes a second.
    double read(const Region& region, const Slice& slice, std::chrono::nanoseconds duration) const {
        const Clock::time_point begin = Clock::now();
        const Clock::time_point until = begin + duration;
        Clock::time_point now = begin;
        std::size_t steps = 0;
        for (std::size_t at = 0; now < until && slice.size > 0; ++steps, now = Clock::now()) {
            stream(region.bytes() + slice.first + at, kSliceStep);
            at = at + kSliceStep < slice.size ? at + kSliceStep : 0;
        }
        const double count = static_cast<double>(steps);
        const double ns = ns_between(begin, now) - clock_ns_ / 2 * count;
        return count * kSliceStep * 1e9 / std::max(ns, 1.0);
    }

    const Dir& root_;
    const MemoryLimits& limits_;
    std::chrono::nanoseconds share_;
    double clock_ns_;
    DisturbanceWatch& watch_;
    std::uint64_t seed_ = 0;
};

std::size_t bytes_wanted(const std::vector<CpuNode>& from, const MemoryLimits& limits) {
    std::size_t caches = 0;
    for (const CpuNode& node : from) caches = std::max(caches, node.cache_bytes);
    return std::min(std::max(kTimesCaches * caches, kBytesUseful), limits.bytes_max);
}

std::vector<MemoryCell> cells_of(const MemorySource& node, const std::vector<CpuNode>& from) {
    std::vector<MemoryCell> cells;
    for (const CpuNode& cpus : from) {
        MemoryCell cell;
        cell.from = cpus.id;
        cell.to = node.id;
        cell.cpu = cpus.cpus.first();
        cell.cpus = cpus.cpus;
        cell.cache_bytes = cpus.cache_bytes;
        cells.push_back(std::move(cell));
    }
    return cells;
}

// All cells of one memory node: the memory is the same, and is looked at when they are done.
Result<void> measure_node(const Dir& root, Measuring& measuring, const MemorySource& node,
                          const std::vector<CpuNode>& from, std::size_t wanted,
                          std::vector<MemoryCell>& cells, const std::function<void(double)>& progress) {
    auto mapped = measuring.map(node, wanted);
    if (!mapped) {
        for (MemoryCell& cell : cells) cell.reason = mapped.error().what;
        return {};
    }
    const bool by_own = !mapped->is_bound && !node.cpus.empty();
    if (auto done = measuring.touch_all(*mapped, by_own ? node.cpus : from.front().cpus); !done) return done;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        auto done = measuring.measure(*mapped, from[i], cells[i],
                                      [&](double share) { progress(static_cast<double>(i) + share); });
        if (!done) return done;
    }
    const PagePlacement placement = placement_of(root, mapped->region, node.id);
    const auto backing = read_backing(root, reinterpret_cast<std::uintptr_t>(mapped->region.bytes()));
    for (MemoryCell& cell : cells) {
        cell.bytes = mapped->region.size();
        cell.placement = placement;
        if (backing) cell.huge_share = backing->huge_share();
    }
    return {};
}

}  // namespace

Result<MemoryCells> measure_memory_cells(const Dir& root, const std::vector<CpuNode>& from,
                                         const std::vector<MemorySource>& to, const MemoryLimits& limits,
                                         std::chrono::nanoseconds budget, const CellProgress& progress) {
    const int all = static_cast<int>(from.size() * to.size());
    MemoryCells found;
    if (all == 0) return found;
    found.clock_ns = clock_cost_ns();
    CpuSet cpus;
    for (const CpuNode& node : from) cpus |= node.cpus;
    DisturbanceWatch watch(root, cpus);
    const std::chrono::nanoseconds share = std::min<std::chrono::nanoseconds>(budget / all, kShareMax);
    Measuring measuring(root, limits, share, found.clock_ns, watch);
    for (const MemorySource& node : to) {
        std::vector<MemoryCell> cells = cells_of(node, from);
        auto measured =
            measure_node(root, measuring, node, from, bytes_wanted(from, limits), cells,
                         [&](double done) { progress(static_cast<double>(found.cells.size()) + done, all); });
        if (!measured) return tl::unexpected<Error>(measured.error());
        found.cells.insert(found.cells.end(), cells.begin(), cells.end());
    }
    found.disturbance = watch.so_far();
    return found;
}

}  // namespace torque::measure
