#include "measure/claims.h"

#include <algorithm>

#include "base/found_sizes.h"

namespace torque::measure {
namespace {

constexpr double kReached = 1.5;
constexpr double kOneStep = 1.25;  // of a ladder, at most

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
    std::vector<double> found;
    for (const Knee& knee : knees) found.push_back(knee.at);
    const auto matches = match_sizes(declared, found);
    std::vector<Claim> claims;
    for (std::size_t i = 0; i < declared.size(); ++i) {
        Claim claim{declared[i], matches[i], Verdict::not_seen};
        if (claim.knee) {
            claim.verdict =
                is_as_declared(declared[i], found[*claim.knee]) ? Verdict::confirmed : Verdict::differs;
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
        return std::any_of(knees.begin(), knees.end(),
                           [&](const Knee& other) { return is_as_declared(knee.at, other.at); });
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
