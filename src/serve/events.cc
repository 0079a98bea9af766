#include "serve/events.h"
#include "base/format.h"

#include <poll.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace torque::serve {
namespace {

constexpr std::uint32_t kEntries = 32;
constexpr std::uint64_t kSilent = ~std::uint64_t{0};  // completions that nobody waits for

}  // namespace

Result<Events> Events::open() {
    Ring ring;
    const int error = ring_open(ring, {0, kEntries, 0});
    if (error < 0) return fail(formatted("cannot set up a ring for events: {}", std::strerror(-error)));
    return Events(ring);
}

Events::Events(Events&& other) noexcept : ring_(std::exchange(other.ring_, Ring{})) {}
Events& Events::operator=(Events&& other) noexcept {
    std::swap(ring_, other.ring_);
    return *this;
}
Events::~Events() {
    ring_close(ring_);
}

// At once: the queue is never full then, and a time need not outlive the call.
void Events::submit(const Submission& entry) {
    *ring_next(ring_) = entry;
    while (ring_enter(ring_, 0, 0) == -EINTR) {
    }
}

void Events::watch(int fd, std::uint32_t name) {
    Submission entry{};
    entry.opcode = static_cast<std::uint8_t>(Op::poll_add);
    entry.fd = fd;
    entry.msg_flags = POLLIN;
    entry.user_data = name;
    submit(entry);
}

void Events::set_timer(int ms, std::uint32_t name) {
    const KernelTime time{ms / 1000, std::int64_t{ms % 1000} * 1000000};
    Submission entry{};
    entry.opcode = static_cast<std::uint8_t>(Op::timeout);
    entry.addr = reinterpret_cast<std::uint64_t>(&time);
    entry.len = 1;
    entry.user_data = name;
    submit(entry);
}

void Events::cancel_timer(std::uint32_t name) {
    Submission entry{};
    entry.opcode = static_cast<std::uint8_t>(Op::timeout_remove);
    entry.addr = name;
    entry.user_data = kSilent;
    submit(entry);
}

Result<std::uint32_t> Events::wait() {
    for (;;) {
        const std::uint32_t head = *ring_.cq_head;
        if (head == __atomic_load_n(ring_.cq_tail, __ATOMIC_ACQUIRE)) {
            const int error = ring_enter(ring_, 1, 0);
            if (error < 0 && error != -EINTR && error != -EAGAIN && error != -EBUSY)
                return fail(formatted("cannot wait for events: {}", std::strerror(-error)));
            continue;
        }
        const Completion completion = ring_.cqes[head & ring_.cq_mask];
        __atomic_store_n(ring_.cq_head, head + 1, __ATOMIC_RELEASE);
        const bool cancelled = completion.res == -ECANCELED;
        if (completion.user_data != kSilent && !cancelled)
            return static_cast<std::uint32_t>(completion.user_data);
    }
}

}  // namespace torque::serve
