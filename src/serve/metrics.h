// What each worker counts, and the Prometheus text over all workers.
#pragma once

#include <atomic>
#include <cstdint>

namespace torque::serve {

// Written by one worker, read by any: a plain load, add and store, no locked instruction.
class Counter {
  public:
    void add(std::uint64_t n = 1) {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    void subtract(std::uint64_t n) {
        value_.store(value_.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
    }
    void set(std::uint64_t n) { value_.store(n, std::memory_order_relaxed); }
    std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

// One worker's counters on cache lines of their own (two, for the prefetcher that fetches pairs).
struct alignas(128) Counters {
    Counter requests;
    Counter responses_2xx;
    Counter responses_3xx;
    Counter responses_4xx;
    Counter responses_5xx;
    Counter accepted;
    Counter open;
    Counter refused;         // connections that found the table full
    Counter idle_closed;     // by the idle sweep
    Counter overrun_closed;  // sent on without reading the answers
    Counter partial_sends;   // the socket's buffer was full
    Counter no_buffers;      // ENOBUFS: the receive buffers ran out
    Counter cq_overflows;
    Counter handler_failures;  // 500: a handler's response that failed
    Counter loops;             // io_uring_enter calls
    Counter cpu_offline;       // times that its CPU went offline; the main thread writes this one
};

// Bytes that write_metrics() may need for `workers` workers.
std::uint32_t metrics_bytes_max(std::uint32_t workers);
// Prometheus text exposition format 0.0.4. `all[i]` is worker i's. Returns the bytes written.
std::uint32_t write_metrics(char* out, const Counters* const* all, std::uint32_t workers);

// Decimal digits of `value`; returns how many, at most 20.
std::uint32_t write_decimal(char* out, std::uint64_t value);

}  // namespace torque::serve
