#include "cli/measure_kinds.h"

#include <algorithm>
#include <string_view>

namespace torque {
namespace {

constexpr MeasureKind kKinds[] = {
    {"jitter", "what keeps CPUs from the program that runs there", 10'000,
     "--cpus --budget --layout --before --after", measure_jitter},
    {"cores", "which CPUs are near to each other", 10'000, "--cpus --budget --matrix", measure_cores},
    {"smt", "which CPUs are threads of one core", 5'000, "--cpus --budget", measure_smt},
    {"cache", "how much the caches and TLBs hold", 10'000, "--cpus --budget", measure_cache},
    {"memory", "latency and bandwidth of each node's memory from each node's CPUs", 10'000, "--cpus --budget",
     measure_memory},
};

}  // namespace

std::span<const MeasureKind> measure_kinds() {
    return kKinds;
}

const MeasureKind* measure_kind(std::string_view name) {
    const auto row = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const MeasureKind& kind) { return kind.name == name; });
    return row == std::end(kKinds) ? nullptr : row;
}

}  // namespace torque
