#include "measure/counters.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "base/parse.h"

namespace torque::measure {
namespace {

constexpr std::size_t kRowsMax = 1 << 16;

std::string_view take_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    return take_until(line, ' ');
}

// "    CPU0   CPU2": for each column the place of its CPU among those that are asked for.
std::vector<std::optional<std::size_t>> places_of_columns(std::string_view titles, const CpuSet& cpus) {
    std::map<int, std::size_t> places;
    for (const int cpu : cpus) places.emplace(cpu, places.size());
    std::vector<std::optional<std::size_t>> columns;
    for (std::string_view word = take_word(titles); word.starts_with("CPU"); word = take_word(titles)) {
        const auto cpu = parse_unsigned(word.substr(3), CpuSet::kMaxCpu);
        const auto place = cpu ? places.find(static_cast<int>(*cpu)) : places.end();
        columns.push_back(place == places.end() ? std::nullopt : std::optional(place->second));
    }
    return columns;
}

// " 36:  0  25  PCI-MSIX-0000:00:02.0  1-edge  virtio1-req.0": of a device what follows the last wide gap.
std::string name_of(std::string_view rest, bool is_device) {
    rest = trim_space(rest);
    const std::size_t gap = is_device ? rest.rfind("  ") : rest.npos;
    return std::string(gap == rest.npos ? rest : trim_space(rest.substr(gap)));
}

void read_file(const Dir& root, const char* path, Counter::Kind kind, const CpuSet& cpus,
               std::vector<Counter>& counters) {
    const auto text = root.read(path);
    if (!text) return;
    std::string_view rest = *text;
    const auto columns = places_of_columns(take_line(rest), cpus);
    while (!rest.empty() && counters.size() < kRowsMax) {
        std::string_view line = take_line(rest);
        Counter counter{kind, std::string(trim_space(take_until(line, ':'))), {}, {}};
        counter.counts.resize(static_cast<std::size_t>(cpus.count()));
        bool is_whole = !columns.empty();
        for (const auto& place : columns) {
            const auto count = parse_unsigned(take_word(line));
            is_whole = is_whole && count.has_value();
            if (count && place) counter.counts[*place] = *count;
        }
        if (!is_whole) continue;
        counter.what = name_of(line, parse_unsigned(counter.name).has_value());
        counters.push_back(std::move(counter));
    }
}

std::uint64_t sum(const Counter& counter) {
    return std::accumulate(counter.counts.begin(), counter.counts.end(), std::uint64_t{0});
}

}  // namespace

std::vector<Counter> read_counters(const Dir& root, const CpuSet& cpus) {
    std::vector<Counter> counters;
    read_file(root, "proc/interrupts", Counter::Kind::interrupt, cpus, counters);
    read_file(root, "proc/softirqs", Counter::Kind::softirq, cpus, counters);
    return counters;
}

std::vector<Counter> moved(const std::vector<Counter>& before, std::vector<Counter> after) {
    using Name = std::pair<Counter::Kind, std::string_view>;
    std::map<Name, const Counter*> old;
    for (const Counter& counter : before) old.emplace(Name(counter.kind, counter.name), &counter);
    for (Counter& counter : after) {
        const auto row = old.find(Name(counter.kind, counter.name));
        if (row == old.end()) continue;
        for (std::size_t i = 0; i < counter.counts.size() && i < row->second->counts.size(); ++i) {
            // A counter that went backwards belongs to another device by now.
            counter.counts[i] -= std::min(counter.counts[i], row->second->counts[i]);
        }
    }
    after.erase(
        std::remove_if(after.begin(), after.end(), [](const Counter& counter) { return sum(counter) == 0; }),
        after.end());
    std::stable_sort(after.begin(), after.end(),
                     [](const Counter& a, const Counter& b) { return sum(a) > sum(b); });
    return after;
}

}  // namespace torque::measure
