#include "measure/knees.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace torque::measure {
namespace {

constexpr std::size_t kPointsMin = 6;   // of a curve
constexpr std::size_t kPlateauMin = 3;  // points of a plateau
constexpr double kPlateauRise = 1.1;
constexpr double kPlateauWidth = 1.4;  // last size to first: about half a doubling
constexpr double kStepMin = 1.3;
constexpr double kOpenRise = 1.15;  // of what leaves a plateau and finds no other
constexpr double kChanceMax = 1e-2;
constexpr double kMisfitsMax = 0.2;  // of the points, on the wrong side of the middle

// Points `first` to `last`, both included.
struct Plateau {
    std::size_t first = 0, last = 0;
};

// Each point no slower than any larger one.
std::vector<double> undisturbed(const Curve& curve) {
    std::vector<double> ns(curve.size());
    double lowest = curve.back().ns;
    for (std::size_t i = curve.size(); i-- > 0;) ns[i] = lowest = std::min(lowest, curve[i].ns);
    return ns;
}

double width(const Curve& curve, const Plateau& plateau) {
    return static_cast<double>(curve[plateau.last].size) / static_cast<double>(curve[plateau.first].size);
}

// The widest plateau among the points, then those to its left and right: appended in order.
void add_plateaus(const Curve& curve, const std::vector<double>& ns, std::size_t first, std::size_t last,
                  std::vector<Plateau>& out) {
    if (last < first + kPlateauMin - 1) return;
    Plateau widest;
    double widest_ratio = 0;
    for (std::size_t begin = first, end = first; begin <= last; ++begin) {
        while (end < last && ns[end + 1] <= ns[begin] * kPlateauRise) ++end;
        const Plateau here{begin, end};
        if (end - begin + 1 >= kPlateauMin && width(curve, here) > widest_ratio) {
            widest = here;
            widest_ratio = width(curve, here);
        }
    }
    if (widest_ratio < kPlateauWidth) return;
    if (widest.first > first) add_plateaus(curve, ns, first, widest.first - 1, out);
    out.push_back(widest);
    if (widest.last < last) add_plateaus(curve, ns, widest.last + 1, last, out);
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

double level(const std::vector<double>& ns, const Plateau& plateau) {
    return median({ns.begin() + static_cast<std::ptrdiff_t>(plateau.first),
                   ns.begin() + static_cast<std::ptrdiff_t>(plateau.last) + 1});
}

// A slope is a chain of plateaus with small steps between: they are one.
std::vector<Plateau> joined(const std::vector<double>& ns, const std::vector<Plateau>& plateaus) {
    std::vector<Plateau> out;
    double before = 0;
    for (const Plateau& plateau : plateaus) {
        const double own = level(ns, plateau);
        if (!out.empty() && own < before * kStepMin) {
            out.back().last = plateau.last;
        } else {
            out.push_back(plateau);
        }
        before = own;
    }
    return out;
}

std::size_t slower_than(const Curve& curve, const Plateau& plateau, double bound) {
    std::size_t count = 0;
    for (std::size_t i = plateau.first; i <= plateau.last; ++i) count += curve[i].ns > bound ? 1 : 0;
    return count;
}

double log_choose(std::size_t n, std::size_t k) {
    const auto factorial = [](std::size_t of) { return std::lgamma(static_cast<double>(of) + 1); };
    return factorial(n) - factorial(k) - factorial(n - k);
}

// By the points as they were measured, disturbed ones too.
bool is_beyond_chance(const Curve& curve, const Plateau& before, const Plateau& after, double middle_ns) {
    const std::size_t low = before.last - before.first + 1, high = after.last - after.first + 1;
    const std::size_t misfits =
        slower_than(curve, before, middle_ns) + (high - slower_than(curve, after, middle_ns));
    if (static_cast<double>(misfits) > kMisfitsMax * static_cast<double>(low + high)) return false;
    const double log_chance = std::log(static_cast<double>(curve.size())) + log_choose(low + high, misfits) -
                              log_choose(low + high, high);
    return log_chance < std::log(kChanceMax);
}

// Between the two points around the middle, along a straight line of logarithms.
double crossing(const Curve& curve, const std::vector<double>& ns, std::size_t first, double middle_ns) {
    std::size_t i = first + 1;
    while (i + 1 < ns.size() && ns[i] < middle_ns) ++i;
    const double left = std::log(static_cast<double>(curve[i - 1].size));
    const double right = std::log(static_cast<double>(curve[i].size));
    const double rise = std::log(ns[i] / ns[i - 1]);
    const double share = rise > 0 ? std::clamp(std::log(middle_ns / ns[i - 1]) / rise, 0.0, 1.0) : 1;
    return std::exp(left + (right - left) * share);
}

}  // namespace

std::vector<Knee> find_knees(const Curve& curve) {
    if (curve.size() < kPointsMin || curve.front().ns <= 0) return {};
    const std::vector<double> ns = undisturbed(curve);
    std::vector<Plateau> plateaus;
    add_plateaus(curve, ns, 0, curve.size() - 1, plateaus);
    plateaus = joined(ns, plateaus);
    if (plateaus.empty()) return {};
    // What still rises at the end, as behind a cache that holds a part of the memory, has no plateau yet.
    const std::size_t end = curve.size() - 1;
    const bool is_open = plateaus.back().last + kPlateauMin <= end &&
                         ns[end] >= level(ns, plateaus.back()) * kStepMin * kStepMin;
    if (is_open) plateaus.push_back({plateaus.back().last + 1, end});
    std::vector<Knee> knees;
    for (std::size_t i = 1; i < plateaus.size(); ++i) {
        const Plateau &before = plateaus[i - 1], &after = plateaus[i];
        const bool is_last_open = is_open && i + 1 == plateaus.size();
        const double low = level(ns, before), high = is_last_open ? ns[end] : level(ns, after);
        const double middle = std::sqrt(low * high);
        if (!is_beyond_chance(curve, before, after, is_last_open ? low * kOpenRise : middle)) continue;
        knees.push_back({crossing(curve, ns, before.last, middle), curve[before.last].size,
                         is_last_open ? curve[end].size : curve[after.first].size, low, high, is_last_open});
    }
    return knees;
}

}  // namespace torque::measure
