// Histogram of latencies with a relative error below 1.6%, of fixed size: to record allocates nothing.
#pragma once

#include <array>
#include <cstdint>

namespace torque::load {

class Histogram {
  public:
    static constexpr std::uint64_t kMaxNs = std::uint64_t{1} << 40;  // 18 minutes; longer ones count as that

    void record(std::uint64_t ns);
    void merge(const Histogram& other);

    std::uint64_t count() const { return count_; }
    std::uint64_t max_ns() const { return max_ns_; }
    double mean_ns() const { return count_ == 0 ? 0 : sum_ns_ / static_cast<double>(count_); }

    // The least latency that `share` (0 to 1) of all do not exceed; 0 when nothing was recorded.
    std::uint64_t quantile_ns(double share) const;

  private:
    // Values below 64 have a bucket each; above, each power of two is cut into 64.
    static constexpr int kStepBits = 6;
    static constexpr int kBuckets = (40 - kStepBits + 2) << kStepBits;

    static int bucket_of(std::uint64_t ns);
    static std::uint64_t upper_ns(int bucket);

    std::array<std::uint64_t, kBuckets> buckets_{};
    std::uint64_t count_ = 0, max_ns_ = 0;
    double sum_ns_ = 0;
};

}  // namespace torque::load
