#include "serve/launch.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/format.h"
#include "serve/syscalls.h"

namespace torque::serve {
namespace {

// Blocks all signals while it lives: a new thread inherits the mask.
class AllSignalsBlocked {
  public:
    AllSignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~AllSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    AllSignalsBlocked(const AllSignalsBlocked&) = delete;
    AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

  private:
    sigset_t before_;
};

tl::unexpected<Error> cannot_start(long error) {
    return fail(
        formatted("cannot start a worker thread: {}", std::strerror(static_cast<int>(-error))), {},
        error == -EAGAIN ? "raise the limit of processes (ulimit -u, or pids.max of the cgroup)" : "");
}

#if TORQUE_WORKER_PTHREAD

struct Start {
    void (*function)(void*);
    void* argument;
    std::atomic<std::uint32_t>* tid;
};

void wake(std::atomic<std::uint32_t>& word) {
    system_call(SYS_futex, address(&word), FUTEX_WAKE, 1);
}

void* run(void* data) {
    const Start start = *static_cast<Start*>(data);
    delete static_cast<Start*>(data);
    unshare(CLONE_FILES);  // the raw clone() below leaves CLONE_FILES out
    start.function(start.argument);
    start.tid->store(0, std::memory_order_release);
    wake(*start.tid);
    return nullptr;
}

long start_on(Thread& thread, void (*function)(void*), void* argument) {
    thread.tid->store(1, std::memory_order_relaxed);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 1 << 20);  // the sanitizers' frames are large
    pthread_t handle;
    auto* start = new Start{function, argument, thread.tid};
    const int error = pthread_create(&handle, &attributes, run, start);
    if (error != 0) delete start;
    pthread_attr_destroy(&attributes);
    return -error;
}

long map_stack(Thread&) {
    return 0;
}

#else

constexpr std::size_t kGuardBytes = 4096;
constexpr std::size_t kStackBytes = 64 * 1024;
constexpr unsigned long kCloneFlags = CLONE_VM | CLONE_FS | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM |
                                      CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;

// The new thread starts on an empty stack of its own, so it must not return into this function: function and
// argument lie on its stack, it takes them, calls, and ends with exit(2), which ends a thread only.
// Without CLONE_SETTLS its %fs stays the creator's; see serve/worker.h.
long clone_thread(void* stack_top, std::atomic<std::uint32_t>* tid, void (*function)(void*), void* argument) {
    void** top = static_cast<void**>(stack_top);
    *--top = argument;
    *--top = reinterpret_cast<void*>(function);
    long result;
    register long child_tid __asm__("r10") = address(tid);
    register long tls __asm__("r8") = 0;
    __asm__ volatile(
        "syscall\n\t"
        "test %%rax, %%rax\n\t"
        "jnz 1f\n\t"
        "xor %%ebp, %%ebp\n\t"  // the outermost frame, for debuggers
        "pop %%rax\n\t"
        "pop %%rdi\n\t"
        "call *%%rax\n\t"
        "xor %%edi, %%edi\n\t"
        "mov %[exit], %%eax\n\t"
        "syscall\n\t"
        "ud2\n"
        "1:"
        : "=a"(result)
        : "0"(static_cast<long>(SYS_clone)), "D"(kCloneFlags), "S"(top), "d"(tid), "r"(child_tid),
          "r"(tls), [exit] "i"(SYS_exit)
        : "rcx", "r11", "memory");
    return result;
}

long start_on(Thread& thread, void (*function)(void*), void* argument) {
    // Not zero from the start, so that no order of events can make a thread that has not run look ended.
    thread.tid->store(1, std::memory_order_relaxed);
    return clone_thread(static_cast<char*>(thread.stack) + thread.stack_bytes, thread.tid, function,
                        argument);
}

long map_stack(Thread& thread) {
    thread.stack_bytes = kGuardBytes + kStackBytes;
    void* stack = mmap(nullptr, thread.stack_bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack == MAP_FAILED) return -errno;
    thread.stack = stack;
    return mprotect(stack, kGuardBytes, PROT_NONE) == 0 ? 0 : -errno;
}

#endif

void unmap_stack(Thread& thread) {
    if (thread.stack) munmap(thread.stack, thread.stack_bytes);
    thread = Thread{};
}

}  // namespace

Result<Thread> start_thread(void (*function)(void*), void* argument, std::atomic<std::uint32_t>& tid) {
    Thread thread;
    thread.tid = &tid;
    long result = map_stack(thread);
    if (result >= 0) {
        const AllSignalsBlocked blocked;
        result = start_on(thread, function, argument);
    }
    if (result < 0) {
        unmap_stack(thread);
        return cannot_start(result);
    }
    return thread;
}

bool join_thread(Thread& thread, int timeout_ms) {
    if (!thread.tid) return true;
    timespec deadline;
    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += timeout_ms / 1000;
    deadline.tv_nsec += timeout_ms % 1000 * 1000000L;
    if (deadline.tv_nsec >= 1000000000L) {
        ++deadline.tv_sec;
        deadline.tv_nsec -= 1000000000L;
    }
    while (const std::uint32_t tid = thread.tid->load(std::memory_order_acquire)) {
        // Not FUTEX_PRIVATE: the kernel's wake at a thread's end is for the shared kind. The bitset form
        // takes an absolute time, so that early returns do not lengthen the wait.
        const long result = system_call(SYS_futex, address(thread.tid), FUTEX_WAIT_BITSET, tid,
                                        address(&deadline), 0, static_cast<long>(FUTEX_BITSET_MATCH_ANY));
        if (result == -ETIMEDOUT) return false;
    }
    unmap_stack(thread);
    return true;
}

}  // namespace torque::serve
