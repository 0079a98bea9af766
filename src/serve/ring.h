// An io_uring set up by raw system calls: submission, completion, registered files and buffers.
#pragma once

#include <cstdint>

#include "serve/uring_abi.h"

namespace torque::serve {

// What a ring is made with. Nothing here is worker state; see worker_state.h.
struct RingSetup {
    std::uint32_t flags = 0;  // kSetup*, those that the kernel takes (features.h)
    std::uint32_t sq_entries = 0;
    std::uint32_t cq_entries = 0;
};

struct Ring {
    int fd = -1;
    int enter_fd = -1;              // the registered index where there is one
    std::uint32_t enter_flags = 0;  // kEnterRegisteredRing where there is one
    std::uint32_t features = 0;     // kFeature*

    std::uint32_t* sq_head = nullptr;  // shared with the kernel, which moves it
    std::uint32_t* sq_tail = nullptr;
    const std::uint32_t* sq_flags = nullptr;
    std::uint32_t sq_mask = 0;
    std::uint32_t local_tail = 0;  // entries filled; the kernel sees them at ring_enter()
    Submission* sqes = nullptr;

    std::uint32_t* cq_head = nullptr;
    const std::uint32_t* cq_tail = nullptr;
    const std::uint32_t* cq_overflow = nullptr;
    std::uint32_t cq_mask = 0;
    const Completion* cqes = nullptr;

    void* rings = nullptr;  // the mappings, for ring_close()
    std::uint64_t rings_bytes = 0;
    std::uint64_t sqes_bytes = 0;
};

// All return 0 or more, or -errno. None allocates or prints; all are safe in a worker.

// Errors: EINVAL a flag the kernel does not know, EPERM and ENOSYS io_uring is off, ENOMEM.
int ring_open(Ring& ring, const RingSetup& setup);
void ring_close(Ring& ring);

// Makes later ring_enter() calls cheaper (5.18); the ring works as well when it fails.
int ring_register_self(Ring& ring);
// A table of `slots` empty fixed-file slots. Errors: EMFILE above RLIMIT_NOFILE, ENOMEM.
int ring_register_files(const Ring& ring, std::uint32_t slots);
// Puts `fd` into `slot` of that table; the caller may close its own afterwards. Errors: EBADF, EINVAL.
int ring_put_file(const Ring& ring, std::uint32_t slot, int fd);
// Buffer group 0; `entries` is page-aligned and zeroed, `count` a power of two up to 32,768.
int ring_register_buffers(const Ring& ring, BufferEntry* entries, std::uint32_t count);

// The next free submission entry, not cleared; null when the queue is full: ring_enter() first.
inline Submission* ring_next(Ring& ring) {
    const std::uint32_t head = __atomic_load_n(ring.sq_head, __ATOMIC_ACQUIRE);
    if (ring.local_tail - head > ring.sq_mask) return nullptr;
    return &ring.sqes[ring.local_tail++ & ring.sq_mask];
}

// Submits all that is filled and, with wait_count > 0, waits for that many completions. With min_wait_us
// (6.12) it waits for them no longer than that, then for a single one. Completions that the kernel holds back
// (deferred task work, overflow) come in only here.
int ring_enter(Ring& ring, std::uint32_t wait_count, std::uint32_t min_wait_us);

// True while completions wait outside of a full completion queue.
inline bool ring_overflowed(const Ring& ring) {
    return (__atomic_load_n(ring.sq_flags, __ATOMIC_RELAXED) & kSqCqOverflow) != 0;
}

}  // namespace torque::serve
