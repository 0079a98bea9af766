// Matrices of latencies for tests: nested groups with scatter, and noise without any.
#pragma once

#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "measure/matrix.h"

namespace latencies {

using torque::measure::LatencyMatrix;

// A distribution whose draws are the same everywhere: those of <random> differ between libraries.
class Draws {
  public:
    explicit Draws(unsigned seed) : random_(seed) {}
    double uniform() { return (static_cast<double>(random_()) + 0.5) / 4294967296.0; }
    double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform()); }

  private:
    std::mt19937 random_;
};

// {CPUs in a group, ns within it}, finest first; `rest_ns` between groups of the last; each value times a
// normal factor of mean 1 and deviation `scatter`. Groups are runs of CPUs.
struct World {
    int cpus;
    std::vector<std::pair<int, double>> levels;
    double rest_ns;
    double scatter = 0.02;
};

inline LatencyMatrix made(const World& world, unsigned seed = 1) {
    Draws draws(seed);
    LatencyMatrix matrix(world.cpus);
    for (int a = 1; a < world.cpus; ++a) {
        for (int b = 0; b < a; ++b) {
            double ns = world.rest_ns;
            for (std::size_t level = world.levels.size(); level-- > 0;) {
                if (a / world.levels[level].first == b / world.levels[level].first)
                    ns = world.levels[level].second;
            }
            matrix.set(a, b, ns * std::max(0.1, 1 + world.scatter * draws.normal()));
        }
    }
    return matrix;
}

// No two values have to do with each other.
template <class Draw>
LatencyMatrix noise(int cpus, Draw draw) {
    LatencyMatrix matrix(cpus);
    for (int a = 1; a < cpus; ++a) {
        for (int b = 0; b < a; ++b) matrix.set(a, b, draw());
    }
    return matrix;
}

}  // namespace latencies
