#include "measure/claims.h"

#include <algorithm>
#include <cmath>

namespace torque::measure {
namespace {

constexpr double kConfirmed = 4.0 / 3;
constexpr double kReached = 1.5;
// In doublings: a claim without a knee and a knee without a claim cost as much as a distance of 3.
constexpr double kNoKnee = 2, kNoClaim = 1;
constexpr double kOneStep = 1.25;  // of a ladder, at most

double doublings(double a, double b) {
    return std::abs(std::log2(a / b));
}

// cost[i][k]: of the claims from i on with the knees from k on.
using Costs = std::vector<std::vector<double>>;

Costs costs_of(const std::vector<double>& declared, const std::vector<Knee>& knees) {
    Costs cost(declared.size() + 1, std::vector<double>(knees.size() + 1));
    for (std::size_t i = declared.size() + 1; i-- > 0;) {
        for (std::size_t k = knees.size() + 1; k-- > 0;) {
            const bool has_claim = i < declared.size(), has_knee = k < knees.size();
            if (!has_claim && !has_knee) continue;
            double best = HUGE_VAL;
            if (has_claim) best = std::min(best, cost[i + 1][k] + kNoKnee);
            if (has_knee) best = std::min(best, cost[i][k + 1] + kNoClaim);
            if (has_claim && has_knee) {
                best = std::min(best, cost[i + 1][k + 1] + doublings(declared[i], knees[k].at));
            }
            cost[i][k] = best;
        }
    }
    return cost;
}

double ns_at(const Curve& curve, double size) {
    double ns = curve.front().ns;
    for (const Point& point : curve) {
        if (static_cast<double>(point.size) > size) break;
        ns = point.ns;
    }
    return ns;
}

}  // namespace

std::vector<Claim> judge(const std::vector<double>& declared, const std::vector<Knee>& knees,
                         double measured_to) {
    const Costs cost = costs_of(declared, knees);
    std::vector<Claim> claims;
    std::size_t k = 0;
    for (std::size_t i = 0; i < declared.size(); ++i) {
        while (k < knees.size() && cost[i][k] == cost[i][k + 1] + kNoClaim) ++k;
        Claim claim{declared[i], std::nullopt, Verdict::not_seen};
        if (k < knees.size() && cost[i][k] == cost[i + 1][k + 1] + doublings(declared[i], knees[k].at)) {
            const double ratio = std::max(knees[k].at / declared[i], declared[i] / knees[k].at);
            claim.verdict = ratio <= kConfirmed ? Verdict::confirmed : Verdict::differs;
            claim.knee = k++;
        } else if (measured_to < declared[i] * kReached) {
            claim.verdict = Verdict::not_reached;
        }
        claims.push_back(claim);
    }
    return claims;
}

double agreement(const Knee& knee, const std::vector<Curve>& passes) {
    if (passes.empty()) return 0;
    const auto has_it = [&](const Curve& curve) {
        const std::vector<Knee> knees = find_knees(curve);
        return std::any_of(knees.begin(), knees.end(), [&](const Knee& other) {
            return doublings(other.at, knee.at) <= std::log2(kConfirmed);
        });
    };
    return static_cast<double>(std::count_if(passes.begin(), passes.end(), has_it)) /
           static_cast<double>(passes.size());
}

Curve without_caches(const Curve& pages, const Curve& lines, std::size_t line_bytes) {
    Curve left;
    if (lines.empty()) return left;
    const double quickest_ns = lines.front().ns;
    for (Point point : pages) {
        const double bytes = static_cast<double>(point.size) * static_cast<double>(line_bytes);
        point.ns -= ns_at(lines, bytes / kOneStep) - quickest_ns;
        point.ns = std::max(point.ns, quickest_ns / 2);
        left.push_back(point);
    }
    return left;
}

}  // namespace torque::measure
