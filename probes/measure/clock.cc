#include "measure/clock.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <string_view>

#include "base/parse.h"

namespace torque::measure {
namespace {

constexpr std::uint64_t kCompareNs = 20'000'000;

#ifdef __x86_64__
bool has_word(std::string_view words, std::string_view wanted) {
    while (!words.empty()) {
        if (take_until(words, ' ') == wanted) return true;
    }
    return false;
}

bool counts_evenly(const Dir& root) {
    const auto source = root.read("sys/devices/system/clocksource/clocksource0/current_clocksource");
    if (source && trim_space(*source) == "tsc") return true;
    const auto cpuinfo = root.read("proc/cpuinfo");
    for (std::string_view rest = cpuinfo ? std::string_view(*cpuinfo) : std::string_view(); !rest.empty();) {
        std::string_view line = take_line(rest);
        if (!line.starts_with("flags")) continue;
        take_until(line, ':');
        return has_word(line, "constant_tsc") && has_word(line, "nonstop_tsc");
    }
    return false;
}

struct Moment {
    std::uint64_t ticks = 0, ns = 0;
};

// Both clocks at once: of some tries the one that was disturbed least.
Moment moment() {
    Moment best;
    std::uint64_t shortest = std::numeric_limits<std::uint64_t>::max();
    for (int i = 0; i < 20; ++i) {
        const std::uint64_t before = TscClock()();
        const std::uint64_t ns = RawClock()();
        const std::uint64_t after = TscClock()();
        if (after - before >= shortest) continue;
        shortest = after - before;
        best = {before + shortest / 2, ns};
    }
    return best;
}
#endif

}  // namespace

#ifdef __x86_64__
ClockChoice choose_clock(const Dir& root) {
    if (!counts_evenly(root)) return {};
    const Moment begin = moment();
    while (RawClock()() - begin.ns < kCompareNs) {
    }
    const Moment end = moment();
    return {true, static_cast<double>(end.ticks - begin.ticks) / static_cast<double>(end.ns - begin.ns)};
}
#else
ClockChoice choose_clock(const Dir&) {
    return {};
}
#endif

double clock_cost_ns() {
    using Clock = std::chrono::steady_clock;
    double lowest = 1e9;
    for (int i = 0; i < 1000; ++i) {
        const Clock::time_point begin = Clock::now();
        lowest = std::min(lowest, std::chrono::duration<double, std::nano>(Clock::now() - begin).count());
    }
    return lowest;
}

}  // namespace torque::measure
