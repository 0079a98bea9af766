#include "render/scale.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace torque {
namespace {

// Three digits that say something, and no zeroes behind the point.
std::string digits(double value) {
    std::array<char, 32> text{};
    const int behind = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    std::snprintf(text.data(), text.size(), "%.*f", behind, value);
    std::string out(text.data());
    if (out.find('.') == out.npos) return out;
    out.erase(out.find_last_not_of('0') + 1);
    if (out.back() == '.') out.pop_back();
    return out;
}

struct Unit {
    double size;
    const char* name;
};
constexpr Unit kBytes[] = {{1099511627776.0, "T"}, {1073741824.0, "G"}, {1048576.0, "M"}, {1024.0, "K"}};
constexpr Unit kTimes[] = {{1e9, " s"}, {1e6, " ms"}, {1e4, " us"}};
constexpr Unit kCounts[] = {{1e9, "G"}, {1e6, "M"}, {1e4, "k"}};

template <std::size_t N>
std::string in_units(const Unit (&units)[N], double value) {
    for (const Unit& unit : units) {
        if (value < unit.size) continue;
        // 10,000 ns are 10 us: the bound is where four digits would begin.
        const double one = unit.size == 1e4 ? 1e3 : unit.size;
        return digits(value / one) + unit.name;
    }
    return digits(value);
}

constexpr bool is_binary(Quantity quantity) {
    return quantity == Quantity::bytes || quantity == Quantity::pages;
}

}  // namespace

std::string quantity_text(Quantity quantity, double value) {
    if (quantity == Quantity::bytes) return in_units(kBytes, value);
    if (quantity == Quantity::ns) return in_units(kTimes, value);
    if (quantity == Quantity::pages) return digits(std::round(value));
    return in_units(kCounts, value);
}

Scale::Scale(Quantity quantity, double low, double high, bool is_wide) : quantity_(quantity) {
    constexpr double kLeast = 1e-6;
    constexpr double kMost = 1e300;  // what is wider than that has no ticks
    low_ = std::clamp(low, kLeast, kMost);
    high_ = std::clamp(high, low_ * 1.001, 2 * kMost);
    if (!is_wide) return;
    if (is_binary(quantity)) {
        low_ = std::exp2(std::floor(std::log2(low_)));
        high_ = std::max(std::exp2(std::ceil(std::log2(high_))), 2 * low_);
        return;
    }
    // To the next of 1, 2, 5, 10, 20, ...
    constexpr double kSteps[] = {1, 2, 5, 10};
    const auto widen = [&](double value, bool up) {
        const double power = std::pow(10, std::floor(std::log10(value)));
        double best = up ? 10 * power : power;
        for (const double step : kSteps) {
            const double at = step * power;
            if (up && at >= value * 0.999) return std::min(best, at);
            if (!up && at <= value * 1.001) best = at;
        }
        return best;
    };
    low_ = widen(low_, false);
    high_ = widen(high_, true);
    if (high_ <= low_) high_ = 2 * low_;  // one value that is a tick
}

double Scale::place(double value) const {
    if (value <= 0) return 0;
    return std::log(value / low_) / std::log(high_ / low_);
}

double Scale::value(double place) const {
    return low_ * std::pow(high_ / low_, place);
}

std::vector<Tick> Scale::ticks(std::size_t count_max) const {
    std::vector<double> at;
    if (is_binary(quantity_)) {
        for (double value = std::exp2(std::ceil(std::log2(low_) - 1e-9)); value <= high_ * 1.001; value *= 2)
            at.push_back(value);
    } else {
        for (double power = std::pow(10, std::floor(std::log10(low_))); power <= high_; power *= 10) {
            for (const double step : {1.0, 2.0, 5.0}) {
                if (step * power >= low_ * 0.999 && step * power <= high_ * 1.001) at.push_back(step * power);
            }
        }
    }
    std::size_t every = 1;
    while (at.size() > count_max && (at.size() + every - 1) / every > std::max<std::size_t>(count_max, 2))
        ++every;
    // Of 1, 2, 5 only every third is again of one kind.
    if (!is_binary(quantity_) && every > 1) every = (every + 2) / 3 * 3;
    std::size_t first = 0;
    if (!is_binary(quantity_) && every > 1) {
        while (first + 1 < at.size() &&
               std::abs(std::log10(at[first]) - std::round(std::log10(at[first]))) > 1e-6)
            ++first;
    }
    std::vector<Tick> ticks;
    for (std::size_t i = first; i < at.size(); i += every) {
        ticks.push_back({place(at[i]), quantity_text(quantity_, at[i])});
    }
    return ticks;
}

}  // namespace torque
