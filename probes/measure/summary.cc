#include "measure/summary.h"

#include <algorithm>

namespace torque::measure {

Summary summary_of(std::vector<double> samples) {
    if (samples.empty()) return {};
    std::sort(samples.begin(), samples.end());
    const std::size_t count = samples.size();
    return {samples[count / 2], samples[count * 3 / 4] - samples[count / 4], static_cast<int>(count)};
}

}  // namespace torque::measure
