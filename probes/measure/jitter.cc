#include "measure/jitter.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/parse.h"
#include "measure/bound.h"
#include "sys/confine.h"

namespace torque::measure {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kThresholdNs = 200;
constexpr double kLooksOfAGap = 4;
constexpr int kLooksToTry = 10'001;

// Of the calling thread, /proc/thread-self/status, proc_pid_status(5).
std::optional<std::uint64_t> read_preemptions(const Dir& root) {
    constexpr std::string_view kName = "nonvoluntary_ctxt_switches:";
    const auto text = root.read("proc/thread-self/status");
    const std::size_t at = text ? text->find(kName) : std::string::npos;
    if (at == std::string::npos) return std::nullopt;
    std::string_view rest = std::string_view(*text).substr(at + kName.size());
    return parse_unsigned(trim_space(take_line(rest)));
}

std::uint64_t look(const ClockChoice& clock) {
    return clock.is_tsc ? TscClock()() : RawClock()();
}

double usual_look_ns(const ClockChoice& clock) {
    std::vector<double> looks;
    std::uint64_t last = look(clock);
    for (int i = 0; i < kLooksToTry; ++i) {
        const std::uint64_t now = look(clock);
        looks.push_back(clock.ns(now - last));
        last = now;
    }
    return summary_of(std::move(looks)).median;
}

// What the threads and the one that called them tell each other.
struct Signals {
    std::atomic<bool> go = false, leave = false;
    std::atomic<int> done = 0;
};

// Neither sleeps nor yields: that would be a visit to the kernel right before the measurement.
void spin_until(const std::atomic<bool>& flag) {
    while (!flag.load(std::memory_order_acquire)) {
    }
}

struct Watched {
    GapLog log;
    Times waiting;
    std::optional<std::uint64_t> preemptions;
};

void watch(const Dir& root, const ClockChoice& clock, std::uint64_t ticks, Signals& signals,
           Watched& watched) {
    GapLog log = watched.log;  // on this thread's stack: no line of it is another CPU's
    spin_until(signals.go);
    const auto switches_before = read_preemptions(root);
    const auto before = read_waiting(root);
    clock.is_tsc ? watch_gaps_tsc(log, ticks) : watch_gaps_raw(log, ticks);
    const auto after = read_waiting(root);
    const auto switches_after = read_preemptions(root);
    signals.done.fetch_add(1, std::memory_order_release);
    // A thread that goes away interrupts the others, to take its stack out of their TLBs.
    spin_until(signals.leave);
    watched.log = log;
    if (before && after) watched.waiting = {after->lost - before->lost, after->total - before->total};
    if (switches_before && switches_after) watched.preemptions = *switches_after - *switches_before;
}

// Sleeps until all are done.
void wait_for(const Signals& signals, int threads, std::chrono::nanoseconds duration, bool is_elsewhere,
              const JitterProgress& progress) {
    const auto begin = Clock::now();
    progress(0);
    for (auto passed = Clock::now() - begin; passed < duration; passed = Clock::now() - begin) {
        if (is_elsewhere) progress(std::chrono::duration<double>(passed) / duration);
        const std::chrono::nanoseconds left = duration - passed;
        std::this_thread::sleep_for(
            is_elsewhere ? std::min<std::chrono::nanoseconds>(left, std::chrono::seconds(1)) : left);
    }
    while (signals.done.load(std::memory_order_acquire) < threads) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

// While it lives the calling thread keeps off these CPUs, if it may run on others.
class KeptOff {
  public:
    explicit KeptOff(const CpuSet& cpus) : before_(confined_to()) {
        const CpuSet others = before_ - cpus;
        is_elsewhere = !others.empty() && confine({others, {}}).has_value();
    }
    ~KeptOff() {
        if (is_elsewhere) (void)confine({before_, {}});
    }
    KeptOff(const KeptOff&) = delete;
    KeptOff& operator=(const KeptOff&) = delete;

    bool is_elsewhere = false;

  private:
    CpuSet before_;
};

std::vector<Times> steal_of_each(const Dir& root, const CpuSet& cpus) {
    std::vector<Times> steal;
    for (const int cpu : cpus) steal.push_back(read_steal(root, CpuSet{cpu}).value_or(Times{}));
    return steal;
}

}  // namespace

double gap_threshold_ns(double look_ns) {
    return std::max(kThresholdNs, kLooksOfAGap * look_ns);
}

GapLog empty_log(const ClockChoice& clock, double threshold_ns, double duration_ns) {
    GapLog log;
    log.threshold = std::max<std::uint64_t>(1, clock.ticks(threshold_ns));
    log.slice = std::max<std::uint64_t>(1, clock.ticks(duration_ns) / GapLog::kSlices);
    for (std::size_t i = 0; i < log.edges.size(); ++i) {
        log.edges[i] = clock.ticks(static_cast<double>(kGapEdgesNs[i]));
    }
    return log;
}

CpuJitter jitter_of(const GapLog& log, const ClockChoice& clock, int cpu) {
    CpuJitter jitter;
    jitter.cpu = cpu;
    jitter.watched_ns = clock.ns(log.end - log.begin - log.unseen);
    jitter.look_ns = clock.ns(log.shortest);
    jitter.gaps = log.gaps;
    jitter.stolen_ns = clock.ns(log.lost - log.gaps * log.shortest);
    jitter.histogram = log.counts;
    const double slice_ns = clock.ns(log.slice);
    std::vector<double> gaps_per_s, shares;
    for (const GapLog::Slice& slice : log.slices) {
        gaps_per_s.push_back(static_cast<double>(slice.gaps) / slice_ns * 1e9);
        // A gap that began at a slice's end took less of it than a look does.
        const std::uint64_t lost = slice.lost - std::min(slice.lost, slice.gaps * log.shortest);
        shares.push_back(std::min(1.0, clock.ns(lost) / slice_ns));
    }
    jitter.gaps_per_s = summary_of(std::move(gaps_per_s));
    jitter.stolen_share = summary_of(std::move(shares));
    for (const Gap& gap : log.longest) {
        if (gap.length > 0)
            jitter.longest.push_back({clock.ns(gap.at - log.begin), clock.ns(gap.length - log.shortest)});
    }
    std::sort(jitter.longest.begin(), jitter.longest.end(), [](const LongGap& a, const LongGap& b) {
        return a.length_ns != b.length_ns ? a.length_ns > b.length_ns : a.at_ns < b.at_ns;
    });
    return jitter;
}

Result<Jitter> measure_jitter(const Dir& root, const CpuSet& cpus, std::chrono::nanoseconds duration,
                              const JitterProgress& progress) {
    const ClockChoice clock = choose_clock(root);
    Jitter jitter;
    jitter.is_tsc = clock.is_tsc;
    jitter.threshold_ns = gap_threshold_ns(usual_look_ns(clock));
    const auto duration_ns = static_cast<double>(duration.count());
    std::vector<Watched> watched(static_cast<std::size_t>(cpus.last() + 1));
    for (Watched& one : watched) one.log = empty_log(clock, jitter.threshold_ns, duration_ns);

    const KeptOff kept_off(cpus);
    Signals signals;
    std::vector<Times> steal_before, steal_after;
    const auto run = run_bound(
        root, cpus,
        [&](int cpu) {
            watch(root, clock, clock.ticks(duration_ns), signals, watched[static_cast<std::size_t>(cpu)]);
        },
        [&] {
            const std::vector<Counter> before = read_counters(root, cpus);
            steal_before = steal_of_each(root, cpus);
            signals.go.store(true, std::memory_order_release);
            wait_for(signals, cpus.count(), duration, kept_off.is_elsewhere, progress);
            steal_after = steal_of_each(root, cpus);
            jitter.moved = moved(before, read_counters(root, cpus));
            signals.leave.store(true, std::memory_order_release);
        });
    if (!run) return tl::unexpected<Error>(run.error());

    Times waiting, stolen_before, stolen_after;
    for (const int cpu : cpus) {
        const std::size_t row = jitter.cpus.size();
        const Watched& one = watched[static_cast<std::size_t>(cpu)];
        jitter.cpus.push_back(jitter_of(one.log, clock, cpu));
        jitter.cpus.back().preemptions = one.preemptions;
        jitter.cpus.back().disturbance = {one.waiting.share_since({}),
                                          steal_after[row].share_since(steal_before[row])};
        waiting += one.waiting;
        stolen_before += steal_before[row];
        stolen_after += steal_after[row];
    }
    jitter.disturbance = {waiting.share_since({}), stolen_after.share_since(stolen_before)};
    return jitter;
}

}  // namespace torque::measure
