#include "render/compact.h"

#include <algorithm>
#include <iterator>

namespace torque {
namespace {

struct Run {
    std::int64_t first = 0, last = 0;
    bool operator==(const Run&) const = default;
};

std::vector<Run> runs_of(const Numbers& list) {
    std::vector<Run> runs;
    for (std::int64_t number : list) {
        if (!runs.empty() && runs.back().last + 1 == number) {
            runs.back().last = number;
        } else {
            runs.push_back({number, number});
        }
    }
    return runs;
}

std::string run_text(const Run& run) {
    std::string out = std::to_string(run.first);
    if (run.last > run.first) out += "-" + std::to_string(run.last);
    return out;
}

bool is_moved(const Run& from, const Run& to, std::int64_t step) {
    return to.first - from.first == step && to.last - from.last == step;
}

// How many runs from `at` on follow each other at equal steps.
std::size_t equal_steps(const std::vector<Run>& runs, std::size_t at) {
    if (at + 1 >= runs.size()) return 1;
    const std::int64_t step = runs[at + 1].first - runs[at].first;
    std::size_t count = 1;
    while (at + count < runs.size() && is_moved(runs[at + count - 1], runs[at + count], step)) ++count;
    return count;
}

bool is_regular(const std::vector<Numbers>& sets) {
    std::vector<Run> before = runs_of(sets[0]);
    std::int64_t step = 0;
    for (std::size_t i = 1; i < sets.size(); ++i) {
        std::vector<Run> runs = runs_of(sets[i]);
        if (i == 1) step = runs[0].first - before[0].first;
        if (!std::equal(before.begin(), before.end(), runs.begin(), runs.end(),
                        [&](const Run& from, const Run& to) { return is_moved(from, to, step); })) {
            return false;
        }
        before = std::move(runs);
    }
    return true;
}

}  // namespace

std::string size_text(std::uint64_t bytes) {
    static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    std::size_t unit = 0;
    while (unit + 1 < std::size(kUnits) && (bytes >> (10 * (unit + 1))) != 0) ++unit;
    const std::uint64_t one = std::uint64_t{1} << (10 * unit);
    std::uint64_t whole = bytes / one;
    const std::uint64_t rest = bytes % one;
    std::string decimals;
    if (rest * 100 % one == 0) {
        const std::uint64_t hundredths = rest * 100 / one;
        if (hundredths != 0) decimals = std::to_string(100 + hundredths).substr(1);
        if (decimals.ends_with('0')) decimals.pop_back();
    } else if (whole >= 100) {
        whole += rest >= one / 2 ? 1 : 0;
    } else {
        const std::uint64_t tenths = (rest * 10 + one / 2) / one;
        whole += tenths / 10;
        if (tenths % 10 != 0) decimals = std::to_string(tenths % 10);
    }
    return std::to_string(whole) + (decimals.empty() ? "" : "." + decimals) + " " + kUnits[unit];
}

std::string frequency_text(std::uint64_t khz) {
    if (khz < 1'000'000) return std::to_string(khz / 1000) + " MHz";
    const std::uint64_t hundredths = khz / 10'000 + (khz % 10'000 >= 5'000 ? 1 : 0);
    std::string out =
        std::to_string(hundredths / 100) + "." + std::to_string(100 + hundredths % 100).substr(1);
    if (out.ends_with('0')) out.pop_back();
    return out + " GHz";
}

std::string count_text(int count, const char* singular) {
    return std::to_string(count) + " " + singular + (count == 1 ? "" : "s");
}

Numbers numbers(const CpuSet& set) {
    return {set.begin(), set.end()};
}

std::string list_text(const CpuSet& set, const Glyphs& glyph, int columns_max) {
    return list_text(numbers(set), glyph, columns_max);
}

std::string list_text(const Numbers& list, const Glyphs& glyph, int columns_max) {
    constexpr std::size_t kStepsMin = 5;
    const std::vector<Run> runs = runs_of(list);
    std::string whole;
    for (const Run& run : runs) (whole += whole.empty() ? "" : ",") += run_text(run);
    if (columns(whole) <= columns_max) return whole;
    std::string out;
    for (std::size_t i = 0; i < runs.size();) {
        if (i > 0) out += ',';
        const std::size_t steps = equal_steps(runs, i);
        if (steps >= kStepsMin) {
            out += run_text(runs[i]) + ',' + run_text(runs[i + 1]) + ',' + std::string(glyph.ellipsis) + ',' +
                   run_text(runs[i + steps - 1]);
            i += steps;
        } else {
            out += run_text(runs[i++]);
        }
    }
    return out;
}

std::string lists_text(std::vector<Numbers> lists, const Glyphs& glyph, int columns_max) {
    std::erase_if(lists, [](const Numbers& list) { return list.empty(); });
    if (lists.empty()) return {};
    if (lists.size() == 1) return list_text(lists[0], glyph);

    std::string all;
    for (std::size_t i = 0; i < lists.size() && columns(all) <= columns_max; ++i) {
        all += (i > 0 ? " " : "") + list_text(lists[i], glyph);
    }
    const bool are_single =
        std::all_of(lists.begin(), lists.end(), [](const Numbers& l) { return l.size() == 1; });
    if (columns(all) <= columns_max && !are_single) return all;

    if (lists.size() >= 4 && !are_single && is_regular(lists)) {
        for (std::size_t shown = 3; shown > 0; --shown) {
            std::string some;
            for (std::size_t i = 0; i < shown; ++i) some += list_text(lists[i], glyph) + " ";
            some += std::string(glyph.ellipsis) + " " + list_text(lists.back(), glyph);
            if (columns(some) <= columns_max) return some;
        }
    }
    Numbers together;
    for (const Numbers& list : lists) together.insert(together.end(), list.begin(), list.end());
    std::sort(together.begin(), together.end());
    together.erase(std::unique(together.begin(), together.end()), together.end());
    return list_text(together, glyph);
}

}  // namespace torque
