// The clocks that a loop can look at: the processor's time stamp counter, or else the kernel's raw clock.
#pragma once

#include <time.h>

#include <cstdint>

#include "sys/dir.h"

#ifdef __x86_64__
#include <x86intrin.h>
#endif

namespace torque::measure {

// In ns, without the corrections of NTP. clock_gettime(2).
struct RawClock {
    std::uint64_t operator()() const {
        timespec now{};
        ::clock_gettime(CLOCK_MONOTONIC_RAW, &now);
        return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
               static_cast<std::uint64_t>(now.tv_nsec);
    }
};

#ifdef __x86_64__
// In ticks. The fence lets nothing that stands before it be looked at later: readings never go backwards on
// one CPU (Intel SDM vol. 2B, RDTSC; AMD APM vol. 3, RDTSC: neither orders the instruction itself).
struct TscClock {
    std::uint64_t operator()() const {
        _mm_lfence();
        return __rdtsc();
    }
};
#else
using TscClock = RawClock;  // never chosen
#endif

struct ClockChoice {
    bool is_tsc = false;
    double ticks_per_ns = 1;

    std::uint64_t ticks(double ns) const { return static_cast<std::uint64_t>(ns * ticks_per_ns); }
    double ns(std::uint64_t ticks) const { return static_cast<double>(ticks) / ticks_per_ns; }
};

// The counter where it runs at one rate in every state of power: /proc/cpuinfo has constant_tsc and
// nonstop_tsc (CPUID 0x80000007 EDX bit 8), or the kernel keeps its own time by it. Then takes 20 ms to
// compare it with the raw clock. `root` holds proc/ and sys/.
ClockChoice choose_clock(const Dir& root);

// What two looks at std::chrono::steady_clock take: the shortest of many, for whatever is above it was
// disturbed.
double clock_cost_ns();

}  // namespace torque::measure
