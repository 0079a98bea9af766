#include "measure/suspects.h"

namespace torque::measure {

Suspects::Suspects(const CpuSet& cpus) : cpus_(cpus), acquitted_(static_cast<std::size_t>(cpus.last() + 1)) {}

void Suspects::acquit(const CpuSet& ran, const CpuSet& undisturbed) {
    for (const int cpu : undisturbed) acquitted_[static_cast<std::size_t>(cpu)] |= ran;
}

std::vector<std::pair<int, int>> Suspects::pairs() const {
    std::vector<std::pair<int, int>> left;
    for (const int a : cpus_) {
        for (const int b : cpus_) {
            if (a >= b || acquitted_[static_cast<std::size_t>(a)].contains(b) ||
                acquitted_[static_cast<std::size_t>(b)].contains(a))
                continue;
            left.emplace_back(a, b);
        }
    }
    return left;
}

}  // namespace torque::measure
