#include "measure/linkage.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace torque::measure {
namespace {

// Values below 1 ns are those of clocks too coarse to measure them.
constexpr double kNsMin = 1;
constexpr double kRounding = 1e-9;  // of logarithms: less than any measurement tells

struct Merge {
    int kept = 0, gone = 0;  // by the first row of each group
    double height = 0;       // logarithm of ns
};

// The groups in the making. A group is named by its first row.
class Linkage {
  public:
    explicit Linkage(const LatencyMatrix& matrix)
        : distances_(matrix),
          sizes_(size(matrix), 1),
          near_(size(matrix)),
          nearest_(size(matrix), -1),
          alive_(size(matrix)) {
        for (double& ns : distances_.ns) ns = std::log(std::max(ns, kNsMin));
        std::iota(alive_.begin(), alive_.end(), 0);
        for (const int group : alive_) find_nearest(group);
    }

    bool done() const { return alive_.size() < 2; }

    Merge merge_nearest() {
        const int a = *std::min_element(alive_.begin(), alive_.end(),
                                        [&](int x, int y) { return reach(x) < reach(y); });
        const int b = nearest_[static_cast<std::size_t>(a)];
        const Merge merge{std::min(a, b), std::max(a, b), reach(a)};
        alive_.erase(std::find(alive_.begin(), alive_.end(), merge.gone));
        average(merge);
        find_nearest(merge.kept);
        for (const int group : alive_) update_nearest(group, merge);
        return merge;
    }

  private:
    static std::size_t size(const LatencyMatrix& matrix) { return static_cast<std::size_t>(matrix.count); }
    double reach(int group) const { return distances_.at(group, nearest_[static_cast<std::size_t>(group)]); }

    void find_nearest(int group) {
        int best = -1;
        for (const int other : alive_) {
            if (other == group) continue;
            if (best < 0 || distances_.at(group, other) < distances_.at(group, best)) best = other;
        }
        nearest_[static_cast<std::size_t>(group)] = best;
        if (best >= 0) near_[static_cast<std::size_t>(group)] = distances_.at(group, best);
    }

    // The two groups that were merged may have been the nearest one. Still it is if it came no farther:
    // without this, a matrix of equal values would take O(rows^3).
    void update_nearest(int group, const Merge& merge) {
        int& near = nearest_[static_cast<std::size_t>(group)];
        if (group == merge.kept || (near != merge.kept && near != merge.gone)) return;
        const double before = near_[static_cast<std::size_t>(group)];
        if (distances_.at(group, merge.kept) <= before + kRounding) {
            near = merge.kept;
        } else {
            find_nearest(group);
        }
    }

    // A mean lies between the two values that it is made of, so no other group's nearest changes by it.
    void average(const Merge& merge) {
        double& kept = sizes_[static_cast<std::size_t>(merge.kept)];
        const double gone = sizes_[static_cast<std::size_t>(merge.gone)];
        for (const int other : alive_) {
            if (other == merge.kept) continue;
            const double sum =
                kept * distances_.at(merge.kept, other) + gone * distances_.at(merge.gone, other);
            distances_.set(merge.kept, other, sum / (kept + gone));
        }
        kept += gone;
    }

    LatencyMatrix distances_;  // logarithms
    std::vector<double> sizes_;
    std::vector<double> near_;  // how near the nearest one was when it was looked for
    std::vector<int> nearest_;  // of each group; -1 when there is no other
    std::vector<int> alive_;
};

Partition partition_after(const std::vector<Merge>& merges, std::size_t steps, int count) {
    std::vector<int> first(static_cast<std::size_t>(count));
    std::iota(first.begin(), first.end(), 0);
    // Backwards: a later merge moves what an earlier one brought together.
    for (std::size_t step = steps; step-- > 0;) {
        first[static_cast<std::size_t>(merges[step].gone)] =
            first[static_cast<std::size_t>(merges[step].kept)];
    }
    Partition groups;
    std::vector<int> group_of(static_cast<std::size_t>(count), -1);
    for (int row = 0; row < count; ++row) {
        int& group = group_of[static_cast<std::size_t>(first[static_cast<std::size_t>(row)])];
        if (group < 0) {
            group = static_cast<int>(groups.size());
            groups.emplace_back();
        }
        groups[static_cast<std::size_t>(group)].push_back(row);
    }
    return groups;
}

}  // namespace

std::vector<Partition> partitions_at_gaps(const LatencyMatrix& matrix, double gap_ratio) {
    std::vector<Merge> merges;
    for (Linkage linkage(matrix); !linkage.done();) merges.push_back(linkage.merge_nearest());
    std::vector<Partition> found;
    const double gap = std::log(gap_ratio);
    for (std::size_t steps = 1; steps < merges.size(); ++steps) {
        if (merges[steps].height - merges[steps - 1].height < gap) continue;
        found.push_back(partition_after(merges, steps, matrix.count));
    }
    return found;
}

}  // namespace torque::measure
