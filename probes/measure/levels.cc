#include "measure/levels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "measure/linkage.h"

namespace torque::measure {
namespace {

constexpr double kRatioMin = 1.2;
constexpr double kStepMin = 1.1;       // between two merges, to be looked at
constexpr double kScattersMin = 2;     // of the gap, in median absolute deviations within groups
constexpr double kExceptions = 0.02;   // of the groups or pairs of groups, but no more than
constexpr double kWrongRows = 0.05;    // of the rows
constexpr double kMisfitsMax = 0.05;   // of the pairs
constexpr double kRestRatioMax = 1.2;  // of distances within the rest to those from it to the one group
constexpr double kCoreNsMax = 15;  // shared level 1 caches answer in 4 to 12 ns on machines of 2007 to 2024

// The less a partition differs from what chance does, the wider its gap has to be.
struct Evidence {
    double chance_max;  // of exchangeable values to look like this
    double ratio_min;   // of the nearest groups' distance to the widest group's
    double ranges_min;  // of the gap to the range of values within groups, and between them
};
constexpr Evidence kEvidence[] = {
    {1e-3, kRatioMin, 0},  // eight cores and up
    {1e-2, 2.0, 0},        // four cores of two threads
    {1e-2, kRatioMin, 5},  // the same with threads that are hardly nearer
    {0.25, 3.0, 2},        // a few pairs of threads beside cores of one thread
    {0.25, 1.5, 10},       // four of anything: one matching of three
};

double median(std::vector<double>& values) {
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    if (values.size() % 2 == 1) return *middle;
    return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

double scatter(std::vector<double> values, double around) {
    for (double& value : values) value = std::abs(value - around);
    return median(values);
}

double range(const std::vector<double>& values) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    return *high - *low;
}

// The `rank`-th of the values, 0 being the lowest.
double at_rank(std::vector<double>& values, std::size_t rank) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

// What lies within the groups of a partition and what between them.
struct Sorted {
    std::vector<double> within, between;                // of pairs of rows
    std::vector<double> group_medians, border_medians;  // of groups of more than one, of pairs of groups
};

void sort_group(const LatencyMatrix& matrix, const Members& group, Sorted& sorted) {
    std::vector<double> values;
    for (std::size_t i = 0; i < group.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) values.push_back(matrix.at(group[i], group[j]));
    }
    if (values.empty()) return;
    sorted.within.insert(sorted.within.end(), values.begin(), values.end());
    sorted.group_medians.push_back(median(values));
}

double border_median(const LatencyMatrix& matrix, const Members& one, const Members& other,
                     std::vector<double>& values) {
    values.clear();
    for (const int a : one) {
        for (const int b : other) values.push_back(matrix.at(a, b));
    }
    return median(values);
}

Sorted sort_pairs(const LatencyMatrix& matrix, const Partition& partition) {
    Sorted sorted;
    std::vector<double> values;
    for (std::size_t g = 0; g < partition.size(); ++g) {
        sort_group(matrix, partition[g], sorted);
        for (std::size_t h = 0; h < g; ++h) {
            sorted.border_medians.push_back(border_median(matrix, partition[g], partition[h], values));
            sorted.between.insert(sorted.between.end(), values.begin(), values.end());
        }
    }
    return sorted;
}

double log_factorial(std::size_t n) {
    return std::lgamma(static_cast<double>(n) + 1);
}

double log_choose(std::size_t n, std::size_t k) {
    return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

// Of exchangeable values: the number of partitions of such sizes over the number of ways to choose which
// values are the low ones; with `misfits`, of those with as many on the wrong side. An upper bound.
double log_chance(const Partition& partition, std::size_t rows, const Sorted& sorted, std::size_t misfits) {
    std::map<std::size_t, std::size_t> like;
    double ways = log_factorial(rows);
    for (const Members& group : partition) {
        ways -= log_factorial(group.size());
        ++like[group.size()];
    }
    for (const auto& [group_size, groups] : like) ways -= log_factorial(groups);
    const std::size_t pairs = sorted.within.size() + sorted.between.size();
    return ways + log_choose(pairs, misfits) - log_choose(pairs, sorted.within.size());
}

std::size_t exceptions(const std::vector<double>& medians, int rows) {
    return static_cast<std::size_t>(
        std::min(kExceptions * static_cast<double>(medians.size()), kWrongRows * rows));
}

// The level that the partition is, if it is one. `groups` are left to the caller.
std::optional<Level> judge(const LatencyMatrix& matrix, const Partition& partition) {
    Sorted sorted = sort_pairs(matrix, partition);
    if (sorted.within.empty() || sorted.between.empty()) return std::nullopt;
    const std::size_t widest =
        sorted.group_medians.size() - 1 - exceptions(sorted.group_medians, matrix.count);
    const double width = at_rank(sorted.group_medians, widest);
    const double distance = at_rank(sorted.border_medians, exceptions(sorted.border_medians, matrix.count));
    const double gap = distance - width, middle = (distance + width) / 2;
    if (gap <= 0 || distance < kRatioMin * width) return std::nullopt;
    const auto far =
        std::count_if(sorted.within.begin(), sorted.within.end(), [&](double ns) { return ns >= middle; });
    const auto near =
        std::count_if(sorted.between.begin(), sorted.between.end(), [&](double ns) { return ns < middle; });
    const auto misfits = static_cast<std::size_t>(far + near);
    Level level;
    level.misfits =
        static_cast<double>(misfits) / static_cast<double>(sorted.within.size() + sorted.between.size());
    level.latency_ns = median(sorted.within);
    level.apart_ns = median(sorted.between);
    if (level.misfits > kMisfitsMax || gap < kScattersMin * scatter(sorted.within, level.latency_ns))
        return std::nullopt;
    const double chance =
        std::exp(log_chance(partition, static_cast<std::size_t>(matrix.count), sorted, misfits));
    const double ranges = gap / std::max({range(sorted.within), range(sorted.between), gap * 1e-6});
    for (const Evidence& row : kEvidence) {
        if (chance <= row.chance_max && distance >= row.ratio_min * width && ranges >= row.ranges_min)
            return level;
    }
    return std::nullopt;
}

// Of one group and what is left, none of which is nearer to the rest than to the group: slow CPUs, which are
// far from everything and farthest from each other, are no such rest.
bool is_rest_like_border(const LatencyMatrix& matrix, const Partition& partition, const Members& group) {
    std::vector<double> rest, border, values;
    for (std::size_t g = 0; g < partition.size(); ++g) {
        for (std::size_t h = 0; h < g; ++h) {
            const double distance = border_median(matrix, partition[g], partition[h], values);
            const bool is_border = &partition[g] == &group || &partition[h] == &group;
            (is_border ? border : rest).push_back(distance);
        }
    }
    if (rest.empty()) return false;
    const double ratio = median(rest) / median(border);
    return ratio < kRestRatioMax && ratio > 1 / kRestRatioMax;
}

struct Found {
    Level level;
    Partition partition;
};

std::optional<Found> judge_shape(const LatencyMatrix& matrix, Partition partition) {
    const auto is_group = [](const Members& members) { return members.size() > 1; };
    const auto groups = std::count_if(partition.begin(), partition.end(), is_group);
    auto level = judge(matrix, partition);
    if (!level) return std::nullopt;
    if (groups > 1) return Found{*level, std::move(partition)};
    const auto one = std::find_if(partition.begin(), partition.end(), is_group);
    if (!is_rest_like_border(matrix, partition, *one)) return std::nullopt;
    Partition split{*one, {}};
    for (const Members& members : partition) {
        if (!is_group(members)) split[1].push_back(members.front());
    }
    level->only_first = true;
    return Found{*level, std::move(split)};
}

std::optional<Found> finest_level(const LatencyMatrix& matrix) {
    for (Partition& partition : partitions_at_gaps(matrix, kStepMin)) {
        auto found = judge_shape(matrix, std::move(partition));
        if (found) return found;
    }
    return std::nullopt;
}

LatencyMatrix collapse(const LatencyMatrix& matrix, const Partition& partition) {
    LatencyMatrix folded(static_cast<int>(partition.size()));
    std::vector<double> values;
    for (int a = 1; a < folded.count; ++a) {
        for (int b = 0; b < a; ++b) {
            folded.set(a, b,
                       border_median(matrix, partition[static_cast<std::size_t>(a)],
                                     partition[static_cast<std::size_t>(b)], values));
        }
    }
    return folded;
}

LevelKind kind_of(const Level& level, const std::vector<Level>& below) {
    if (below.empty() && level.latency_ns <= kCoreNsMax) return LevelKind::core;
    if (below.empty() || below.back().kind == LevelKind::core) return LevelKind::last_level;
    return LevelKind::package;
}

double median_of_all(const LatencyMatrix& matrix) {
    std::vector<double> values;
    for (int a = 1; a < matrix.count; ++a) {
        for (int b = 0; b < a; ++b) values.push_back(matrix.at(a, b));
    }
    return median(values);
}

}  // namespace

Structure find_levels(const LatencyMatrix& matrix, const CpuSet& cpus) {
    Structure structure;
    std::vector<CpuSet> units;
    for (const int cpu : cpus) units.push_back(CpuSet{cpu});
    LatencyMatrix current = matrix;
    while (auto found = finest_level(current)) {
        std::vector<CpuSet> groups;
        for (const Members& members : found->partition) {
            CpuSet group;
            for (const int unit : members) group |= units[static_cast<std::size_t>(unit)];
            groups.push_back(std::move(group));
        }
        found->level.kind = kind_of(found->level, structure.levels);
        found->level.groups = groups;
        structure.levels.push_back(std::move(found->level));
        units = std::move(groups);
        current = collapse(current, found->partition);
    }
    structure.rest_ns = median_of_all(current);
    return structure;
}

}  // namespace torque::measure
