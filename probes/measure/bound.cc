#include "measure/bound.h"

#include <atomic>
#include <optional>
#include <thread>

#include "sys/confine.h"

namespace torque::measure {
namespace {

// Where the threads wait for each other.
class Gate {
  public:
    explicit Gate(int threads) : missing_(threads) {}

    void arrive(bool is_ready) {
        if (!is_ready) is_off_.store(true, std::memory_order_relaxed);
        missing_.fetch_sub(1, std::memory_order_acq_rel);
    }
    // Until all have arrived; false if one of them was not ready.
    bool wait() const {
        while (missing_.load(std::memory_order_acquire) > 0) std::this_thread::yield();
        return !is_off_.load(std::memory_order_relaxed);
    }

  private:
    std::atomic<int> missing_;
    std::atomic<bool> is_off_ = false;
};

struct Side {
    int cpu = 0;
    std::optional<Error> error;
    Times waiting;
};

void work_at(const Dir& root, Gate& gate, Side& side, const std::function<void(int cpu)>& work) {
    const auto bound = confine({CpuSet{side.cpu}, {}});
    if (!bound) side.error = bound.error();
    gate.arrive(bound.has_value());
    if (!gate.wait()) return;
    const auto before = read_waiting(root);
    work(side.cpu);
    const auto after = read_waiting(root);
    if (before && after) side.waiting = {after->lost - before->lost, after->total - before->total};
}

}  // namespace

Result<std::vector<Times>> run_bound(const Dir& root, const CpuSet& cpus,
                                     const std::function<void(int cpu)>& work,
                                     const std::function<void()>& meanwhile) {
    std::vector<Side> sides;
    for (const int cpu : cpus) sides.push_back({cpu, std::nullopt, {}});
    Gate gate(static_cast<int>(sides.size()));
    std::vector<std::thread> threads;
    for (Side& side : sides) threads.emplace_back([&] { work_at(root, gate, side, work); });
    if (meanwhile && gate.wait()) meanwhile();
    for (std::thread& thread : threads) thread.join();
    std::vector<Times> waiting;
    for (const Side& side : sides) {
        if (side.error) return tl::unexpected<Error>(*side.error);
        waiting.push_back(side.waiting);
    }
    return waiting;
}

}  // namespace torque::measure
