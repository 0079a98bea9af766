#include "base/found_sizes.h"

#include <algorithm>
#include <cmath>

namespace torque {
namespace {

// In doublings: a declared size that was not found and a found one that is not declared cost as much as a
// distance of 3.
constexpr double kNotFound = 2, kNotDeclared = 1;

double doublings(double a, double b) {
    return std::abs(std::log2(a / b));
}

// cost[i][k]: of the declared sizes from i on with the found ones from k on.
using Costs = std::vector<std::vector<double>>;

Costs costs_of(const std::vector<double>& declared, const std::vector<double>& found) {
    Costs cost(declared.size() + 1, std::vector<double>(found.size() + 1));
    for (std::size_t i = declared.size() + 1; i-- > 0;) {
        for (std::size_t k = found.size() + 1; k-- > 0;) {
            const bool has_declared = i < declared.size(), has_found = k < found.size();
            if (!has_declared && !has_found) continue;
            double best = HUGE_VAL;
            if (has_declared) best = std::min(best, cost[i + 1][k] + kNotFound);
            if (has_found) best = std::min(best, cost[i][k + 1] + kNotDeclared);
            if (has_declared && has_found)
                best = std::min(best, cost[i + 1][k + 1] + doublings(declared[i], found[k]));
            cost[i][k] = best;
        }
    }
    return cost;
}

}  // namespace

bool is_as_declared(double declared, double found) {
    constexpr double kSame = 4.0 / 3;
    return std::max(found / declared, declared / found) <= kSame;
}

std::vector<std::optional<std::size_t>> match_sizes(const std::vector<double>& declared,
                                                    const std::vector<double>& found) {
    const Costs cost = costs_of(declared, found);
    std::vector<std::optional<std::size_t>> matches(declared.size());
    std::size_t k = 0;
    for (std::size_t i = 0; i < declared.size(); ++i) {
        while (k < found.size() && cost[i][k] == cost[i][k + 1] + kNotDeclared) ++k;
        if (k < found.size() && cost[i][k] == cost[i + 1][k + 1] + doublings(declared[i], found[k]))
            matches[i] = k++;
    }
    return matches;
}

}  // namespace torque
