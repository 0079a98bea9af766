#include "load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace torque::load {

int Histogram::bucket_of(std::uint64_t ns) {
    if (ns < (1U << kStepBits)) return static_cast<int>(ns);
    const int shift = static_cast<int>(std::bit_width(ns)) - 1 - kStepBits;
    return ((shift + 1) << kStepBits) + static_cast<int>((ns >> shift) & ((1U << kStepBits) - 1));
}

std::uint64_t Histogram::upper_ns(int bucket) {
    if (bucket < (1 << kStepBits)) return static_cast<std::uint64_t>(bucket);
    const int shift = (bucket >> kStepBits) - 1;
    const auto step = static_cast<std::uint64_t>((bucket & ((1 << kStepBits) - 1)) + (1 << kStepBits));
    return ((step + 1) << shift) - 1;
}

void Histogram::record(std::uint64_t ns) {
    ns = std::min(ns, kMaxNs);
    ++buckets_[static_cast<std::size_t>(bucket_of(ns))];
    ++count_;
    sum_ns_ += static_cast<double>(ns);
    max_ns_ = std::max(max_ns_, ns);
}

void Histogram::merge(const Histogram& other) {
    for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    sum_ns_ += other.sum_ns_;
    max_ns_ = std::max(max_ns_, other.max_ns_);
}

std::uint64_t Histogram::quantile_ns(double share) const {
    const auto wanted =
        static_cast<std::uint64_t>(std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_)));
    std::uint64_t seen = 0;
    for (int i = 0; i < kBuckets; ++i) {
        seen += buckets_[static_cast<std::size_t>(i)];
        if (seen >= wanted && seen > 0) return std::min(upper_ns(i), max_ns_);
    }
    return max_ns_;
}

}  // namespace torque::load
