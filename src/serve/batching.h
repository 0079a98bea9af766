// How many completions a worker waits for: the first while it has little to do, more under load.
#pragma once

#include <cstdint>

namespace torque::serve {

inline constexpr std::uint32_t kBatchMin = 4;  // shorter ones are not worth a timer
inline constexpr std::uint32_t kBatchMax = 128;
inline constexpr std::uint32_t kBatchWaitUsMax = 200;

// A wake-up costs nearly half of a request (2 of 5 us, Linux 6.18), so under load it pays to wait for several
// requests at a time. How many, and how long, goes by the clients that are active: those that asked in this
// second or the last. A quarter of them at most is waited for, so that clients and server work side by side,
// and a microsecond for each of them, a fraction of what each waits for its turn anyway. Fewer than 16 active
// clients are never made to wait.
struct Batching {
    std::uint32_t target = 1;   // completions to wait for; 1: the first, without a time limit
    std::uint32_t wait_us = 0;  // for all of them, then for the first

    // `found` completions came of the last loop. Requests that come too slowly to fill an eighth of a batch
    // in time end batching: from there on they are answered as they come.
    void after(std::uint32_t found, std::uint32_t active) {
        const std::uint32_t enough = target / 8 > kBatchMin ? target / 8 : kBatchMin;
        target = active / 4 < kBatchMax ? active / 4 : kBatchMax;
        wait_us = active < kBatchWaitUsMax ? active : kBatchWaitUsMax;
        if (found >= enough && target >= kBatchMin) return;
        target = 1;
        wait_us = 0;
    }
};

}  // namespace torque::serve
