#include "measure/bound.h"
#include "measure/contention.h"
#include "measure/multiply.h"

namespace torque::measure {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kRoundsOfAPiece = 5000;  // 60,000 multiplications
constexpr std::size_t kPiecesMin = 10;

// The times of pieces. The first tenth is for the clock of the CPU to rise.
std::vector<double> work_for(std::chrono::nanoseconds share, double clock_ns) {
    std::vector<double> pieces;
    pieces.reserve(1 << 14);
    const Clock::time_point start = Clock::now(), warm = start + share / 10, until = start + share;
    std::uint64_t numbers = 0;
    for (Clock::time_point begin = start; begin < until || pieces.size() < kPiecesMin;) {
        numbers ^= multiply(kRoundsOfAPiece);
        const Clock::time_point end = Clock::now();
        const double ns = std::chrono::duration<double, std::nano>(end - begin).count() - clock_ns;
        if (begin >= warm) pieces.push_back(ns);
        begin = Clock::now();
    }
    __asm__ volatile("" : : "r"(numbers));  // somebody may want them
    return pieces;
}

}  // namespace

WorkTogether multiply_together(const Dir& root, DisturbanceWatch& watch, double clock_ns) {
    return [&root, &watch, clock_ns](const CpuSet& cpus,
                                     std::chrono::nanoseconds share) -> Result<std::vector<Summary>> {
        std::vector<Summary> of_cpu(static_cast<std::size_t>(cpus.last() + 1));
        const auto waiting = run_bound(root, cpus, [&](int cpu) {
            of_cpu[static_cast<std::size_t>(cpu)] = summary_of(work_for(share, clock_ns));
        });
        if (!waiting) return tl::unexpected<Error>(waiting.error());
        std::vector<Summary> times;
        for (const int cpu : cpus) times.push_back(of_cpu[static_cast<std::size_t>(cpu)]);
        for (const Times& one : *waiting) watch.add_waiting(one);
        return times;
    };
}

}  // namespace torque::measure
