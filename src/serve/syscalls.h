// Raw system calls that return the kernel's answer, -errno on failure, and touch no thread state of libc.
#pragma once

#include <sys/syscall.h>

#if !defined(__x86_64__)
#include <unistd.h>
#include <cerrno>
#endif

namespace torque::serve {

// System call `number` with up to six arguments. A worker made by raw clone() shares the main thread's
// thread-local storage, so it must never reach a libc wrapper that writes errno.
inline long system_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) {
#if defined(__x86_64__)
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
#else
    // Only x86-64 has the raw clone() start; elsewhere the workers are pthreads and have an errno.
    const long result = ::syscall(number, a, b, c, d, e, f);
    return result < 0 ? -errno : result;
#endif
}

inline long address(const void* pointer) {
    return reinterpret_cast<long>(pointer);
}

}  // namespace torque::serve
