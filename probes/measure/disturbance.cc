#include "measure/disturbance.h"

#include "base/format.h"
#include "base/parse.h"

namespace torque::measure {
namespace {

constexpr double kWaitingMax = 0.05;
constexpr double kStealMax = 0.02;
constexpr int kStealField = 7;  // user nice system idle iowait irq softirq steal
constexpr int kTickFields = 8;  // guest time, which follows, is part of user time

// The numbers of a line of /proc/stat behind its name.
std::optional<Times> ticks_of(std::string_view line) {
    Times times;
    for (int field = 0; field < kTickFields; ++field) {
        const auto ticks = parse_unsigned(take_until(line, ' '));
        if (!ticks) return std::nullopt;
        times.total += *ticks;
        if (field == kStealField) times.lost = *ticks;
    }
    return times;
}

}  // namespace

double Times::share_since(const Times& before) const {
    if (total <= before.total || lost <= before.lost) return 0;
    return static_cast<double>(lost - before.lost) / static_cast<double>(total - before.total);
}

Times& Times::operator+=(const Times& other) {
    lost += other.lost;
    total += other.total;
    return *this;
}

std::optional<Times> read_waiting(const Dir& root) {
    const auto text = root.read("proc/thread-self/schedstat");
    if (!text) return std::nullopt;
    std::string_view rest = *text;
    const auto ran = parse_unsigned(take_until(rest, ' '));
    const auto waited = parse_unsigned(take_until(rest, ' '));
    if (!ran || !waited) return std::nullopt;
    return Times{*waited, *ran + *waited};
}

std::optional<Times> read_steal(const Dir& root, const CpuSet& cpus) {
    const auto text = root.read("proc/stat");
    if (!text) return std::nullopt;
    Times sum;
    for (std::string_view rest = *text; !rest.empty();) {
        std::string_view line = take_line(rest);
        const std::string_view name = take_until(line, ' ');
        if (!name.starts_with("cpu")) continue;
        const auto cpu = parse_unsigned(name.substr(3), CpuSet::kMaxCpu);
        if (!cpu || !cpus.contains(static_cast<int>(*cpu))) continue;
        const auto ticks = ticks_of(line);
        if (!ticks) return std::nullopt;
        sum += *ticks;
    }
    return sum;
}

std::optional<std::string> Disturbance::reason() const {
    if (steal > kStealMax) {
        return formatted("the hypervisor took {:.1f} % of the CPUs' time; more than {:.0f} % is too much",
                         steal * 100, kStealMax * 100);
    }
    if (waiting > kWaitingMax) {
        return formatted(
            "other programs ran for {:.1f} % of the time that the measurement wanted; more than {:.0f} % is "
            "too much",
            waiting * 100, kWaitingMax * 100);
    }
    return std::nullopt;
}

DisturbanceWatch::DisturbanceWatch(const Dir& root, const CpuSet& cpus)
    : root_(root), cpus_(cpus), steal_before_(read_steal(root, cpus)) {}

Disturbance DisturbanceWatch::so_far() const {
    const auto steal = read_steal(root_, cpus_);
    return {waiting_.share_since({}), steal && steal_before_ ? steal->share_since(*steal_before_) : 0};
}

}  // namespace torque::measure
