#include "measure/curve.h"

#include <algorithm>

namespace torque::measure {

std::vector<std::size_t> ladder(std::size_t first, std::size_t last, std::size_t fine_last,
                                std::size_t unit) {
    std::vector<std::size_t> sizes;
    for (std::size_t power = first; power <= last; power *= 2) {
        const std::size_t steps = power < fine_last ? 8 : 4;
        for (std::size_t step = 0; step < steps; ++step) {
            const std::size_t size = (power + power * step / steps) / unit * unit;
            if (size > last) return sizes;
            if (size > 0 && (sizes.empty() || size > sizes.back())) sizes.push_back(size);
        }
        if (power > last / 2) break;
    }
    return sizes;
}

Curve quickest(const std::vector<Curve>& curves) {
    std::size_t longest = 0;
    for (const Curve& curve : curves) longest = std::max(longest, curve.size());
    Curve best;
    for (std::size_t i = 0; i < longest; ++i) {
        std::vector<Point> points;
        for (const Curve& curve : curves) {
            if (i < curve.size()) points.push_back(curve[i]);
        }
        std::sort(points.begin(), points.end(), [](const Point& a, const Point& b) { return a.ns < b.ns; });
        Point point = points[0];
        if (points.size() > 1) point.spread_ns = std::max(point.spread_ns, points[1].ns - point.ns);
        best.push_back(point);
    }
    return best;
}

}  // namespace torque::measure
