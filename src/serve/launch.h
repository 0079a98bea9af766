// Threads for the workers: raw clone() with a descriptor table of their own, or pthreads for the sanitizers.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "torque/result.h"

namespace torque::serve {

// A started thread and its stack. `tid` is its number while it runs and 0 once it has ended: the kernel
// writes both (CLONE_PARENT_SETTID before the thread first runs, CLONE_CHILD_CLEARTID with a futex wake at
// its end).
struct Thread {
    std::atomic<std::uint32_t>* tid = nullptr;
    void* stack = nullptr;  // the mapping, guard page included
    std::size_t stack_bytes = 0;
};

// Runs function(argument) in a new thread of this process that shares all but the descriptor table, which it
// gets a copy of. All signals are blocked in it.
// Errors: EAGAIN (RLIMIT_NPROC, pids.max), ENOMEM.
Result<Thread> start_thread(void (*function)(void*), void* argument, std::atomic<std::uint32_t>& tid);

// Waits for the thread's end and frees its stack; false when it still runs after `timeout_ms`, and then the
// stack stays.
bool join_thread(Thread& thread, int timeout_ms);

}  // namespace torque::serve
