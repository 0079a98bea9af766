// A worker's loop: one io_uring_enter submits all that is due and fetches all that happened.
#include "serve/worker.h"

#include <poll.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "serve/batching.h"
#include "serve/syscalls.h"
#include "serve/worker_state.h"

namespace torque::serve {
namespace {

constexpr std::uint32_t kSweepMax = 4096;  // connections closed in one tick
constexpr std::uint32_t kLingerTicks = 1;  // for a client that was refused while it was sending
constexpr std::uint32_t kGraceMs = 250;    // of a stop, see Drain

void report(Worker& w, WorkerState state) {
    w.config->report->state.store(state, std::memory_order_release);
    const std::uint64_t one = 1;
    system_call(SYS_write, w.config->report_fd, address(&one), sizeof one);
}

void give_up(Worker& w, int error) {
    w.config->report->error.store(error, std::memory_order_relaxed);
    w.broken = true;
}

// Submits and waits; counts loops and overflows.
void enter(Worker& w, std::uint32_t wait_count, std::uint32_t min_wait_us) {
    buffers_publish(w);
    const int result = ring_enter(w.ring, wait_count, min_wait_us);
    // What the kernel did not take belongs to the next batch as well.
    if (__atomic_load_n(w.ring.sq_head, __ATOMIC_ACQUIRE) == w.ring.local_tail) ++w.batch;
    w.counters->loops.add();
    const std::uint32_t overflows = __atomic_load_n(w.ring.cq_overflow, __ATOMIC_RELAXED);
    if (overflows != w.overflow_seen || ring_overflowed(w.ring)) {
        w.overflow_seen = overflows;
        w.counters->cq_overflows.add();
    }
    // EBUSY and EAGAIN: completions must be read first, or memory is short; what is queued stays queued.
    if (result < 0 && result != -EINTR && result != -EBUSY && result != -EAGAIN && result != -ETIME) {
        give_up(w, result);
    }
}

void arm_accept(Worker& w, bool once = false) {
    Submission entry{};
    entry.opcode = static_cast<std::uint8_t>(Op::accept);
    entry.ioprio = once ? 0 : kAcceptMultishot;
    entry.fd = w.listener;
    entry.file_index = kFileIndexAlloc;
    entry.user_data = event_data(Event::accept);
    *next_entry(w) = entry;
    w.accepting = true;
}

void arm_timeout(Worker& w, const KernelTime& time, Event event) {
    Submission entry{};
    entry.opcode = static_cast<std::uint8_t>(Op::timeout);
    entry.addr = reinterpret_cast<std::uint64_t>(&time);
    entry.len = 1;
    entry.user_data = event_data(event);
    *next_entry(w) = entry;
}

void arm_tick(Worker& w) {
    // No connection, no clock; but an accept that the system had no memory for is tried again.
    if (w.ticking || w.drain >= Drain::closing || (w.open == 0 && w.accepting)) return;
    w.ticking = true;
    arm_timeout(w, w.tick_time, Event::tick);
}

void arm_stop(Worker& w) {
    Submission entry{};
    entry.opcode = static_cast<std::uint8_t>(Op::read);
    entry.fd = w.config->stop_fd;
    entry.addr = reinterpret_cast<std::uint64_t>(&w.stop_count);
    entry.len = sizeof w.stop_count;
    entry.user_data = event_data(Event::stop);
    *next_entry(w) = entry;
}

bool has_waiting_clients(const Worker& w) {
    pollfd listener{w.listener, POLLIN, 0};
    const KernelTime now{};
    return system_call(SYS_ppoll, address(&listener), 1, address(&now)) == 1;
}

// From here on clients are refused by the kernel, or go to the worker that has the listener now.
void close_listener(Worker& w) {
    system_call(SYS_close, w.listener);
    w.listener = -1;
}

// A client wakes one of those that wait at a listener. This one may have been woken when it went, and the
// worker that has the listener now would not hear of the client before the next one: so it is taken, and
// whoever else waits. Each accept is cancelled at once, for the other worker may be quicker.
void finish_accepting(Worker& w) {
    if (!has_waiting_clients(w)) return close_listener(w);
    arm_accept(w, true);
    cancel(w, Event::accept, 0);
}

void on_accept(Worker& w, int result, std::uint32_t flags) {
    if ((flags & kCqeMore) == 0) w.accepting = false;
    if (result >= 0) {
        w.counters->accepted.add();
        connection_accept(w, static_cast<std::uint32_t>(result));
    } else if (result == -ENFILE && w.open == w.slots) {
        // The table is full. The kernel accepted the connection, found no slot and closed it: a client is
        // told at once, at the price of one accept, and the next one gets the slot that has become free
        // meanwhile.
        w.counters->refused.add();
    } else if (result == -EBADF || result == -EINVAL || result == -ENOTSOCK || result == -EOPNOTSUPP) {
        if (!w.stopping) give_up(w, result);
        return;
    } else if (result == -ENFILE || result == -EMFILE || result == -ENOMEM || result == -ENOBUFS) {
        // The system, not the table, is out of something: try again with the next tick, not in a hot loop.
        if (w.stopping) close_listener(w);
        return;
    }
    if (w.accepting) return;
    w.stopping ? finish_accepting(w) : arm_accept(w);
}

void on_tick(Worker& w) {
    w.ticking = false;
    ++w.tick;
    w.active_before = std::exchange(w.active, 0);
    std::uint32_t closed = 0;
    const std::uint32_t ticks_max[] = {w.config->idle_ticks, kLingerTicks};
    for (std::uint32_t list = 0; list < 2; ++list) {
        const std::uint32_t end = w.slots + list;
        std::uint32_t slot = w.connections[end].next;
        while (slot != end && closed < kSweepMax && w.tick - w.connections[slot].stamp > ticks_max[list]) {
            const std::uint32_t next = w.connections[slot].next;
            // One that waits for its operations to end already is not counted twice.
            if ((w.connections[slot].state & kClosing) == 0) {
                if (list == 0) w.counters->idle_closed.add();
                connection_close(w, slot);
                ++closed;
            }
            slot = next;
        }
    }
    if (!w.accepting && !w.stopping) arm_accept(w);
}

void arm_drain(Worker& w, std::uint32_t ms) {
    w.drain_time = {ms / 1000, std::int64_t{ms % 1000} * 1000000};
    arm_timeout(w, w.drain_time, Event::drain_end);
}

void on_stop(Worker& w) {
    if (w.stopping) return;
    w.stopping = true;
    w.accepting ? cancel(w, Event::accept, 0) : close_listener(w);
    arm_drain(w, w.config->drain_ms < kGraceMs ? w.config->drain_ms : kGraceMs);
}

void close_connections(Worker& w, bool only_idle) {
    for (std::uint32_t end = w.slots; end < w.slots + 2; ++end) {
        std::uint32_t slot = w.connections[end].next;
        while (slot != end) {
            const std::uint32_t next = w.connections[slot].next;
            if ((w.connections[slot].state & kClosing) == 0 && (!only_idle || connection_is_idle(w, slot)))
                connection_close(w, slot);
            slot = next;
        }
    }
}

void on_drain_end(Worker& w) {
    if (w.drain == Drain::announced && w.config->drain_ms > kGraceMs) {
        w.drain = Drain::no_idle;
        arm_drain(w, w.config->drain_ms - kGraceMs);
        return close_connections(w, true);
    }
    w.drain = w.drain < Drain::closing ? Drain::closing : Drain::given_up;
    arm_drain(w, kGraceMs);
    close_connections(w, false);
}

void dispatch(Worker& w, const Completion& completion) {
    const auto event = static_cast<Event>(completion.user_data & 0xff);
    const auto slot = static_cast<std::uint32_t>(completion.user_data >> 8);
    switch (event) {
        case Event::receive:
            return connection_receive(w, slot, completion.res, completion.flags);
        case Event::silent_send:
        case Event::send:
            return connection_sent(w, slot, event, completion.res);
        case Event::accept:
            return on_accept(w, completion.res, completion.flags);
        case Event::tick:
            return on_tick(w);
        case Event::stop:
            return on_stop(w);
        case Event::drain_end:
            return on_drain_end(w);
        case Event::close:   // only when it failed; the slot is gone either way
        case Event::cancel:  // ENOENT: it had ended by itself
            return;
    }
}

// Reads all completions there are; returns how many.
std::uint32_t read_completions(Worker& w) {
    const std::uint32_t first = *w.ring.cq_head;
    std::uint32_t head = first;
    std::uint32_t tail = __atomic_load_n(w.ring.cq_tail, __ATOMIC_ACQUIRE);
    while (head != tail && !w.broken) {
        const Completion completion = w.ring.cqes[head & w.ring.cq_mask];
        __atomic_store_n(w.ring.cq_head, ++head, __ATOMIC_RELEASE);
        dispatch(w, completion);
        if (head == tail) tail = __atomic_load_n(w.ring.cq_tail, __ATOMIC_ACQUIRE);
    }
    return head - first;
}

// Connections that waited for their last send to be known as done.
void run_deferred(Worker& w) {
    const std::uint32_t count = w.deferred_count;
    w.deferred_count = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t slot = w.deferred[i];
        w.connections[slot].state &= static_cast<std::uint8_t>(~kDeferred);
        connection_advance(w, slot);
    }
}

std::uint32_t active_connections(const Worker& w) {
    return w.active > w.active_before ? w.active : w.active_before;
}

void serve(Worker& w) {
    Batching batching;
    while (!w.broken) {
        if (w.stopping && ((w.open == 0 && !w.accepting) || w.drain == Drain::given_up)) return;
        arm_tick(w);
        const bool busy = w.deferred_count != 0 || ring_overflowed(w.ring);
        enter(w, busy ? 0 : batching.target, busy ? 0 : batching.wait_us);
        const std::uint32_t completions = read_completions(w);
        if (w.config->batches_waits && !busy) batching.after(completions, active_connections(w));
        if (!ring_overflowed(w.ring)) w.resolved = w.batch - 1;
        run_deferred(w);
        if (std::exchange(w.starved, false)) connections_evict(w);
    }
}

}  // namespace

Submission* next_entry(Worker& w) {
    Submission* entry = ring_next(w.ring);
    while (!entry) {
        if (w.broken) return &w.nowhere;
        enter(w, 0, 0);
        entry = ring_next(w.ring);
    }
    return entry;
}

void cancel(Worker& w, Event event, std::uint32_t slot) {
    Submission entry{};
    entry.opcode = static_cast<std::uint8_t>(Op::cancel);
    entry.flags = kSqeSkipSuccess;
    entry.addr = event_data(event, slot);
    entry.user_data = event_data(Event::cancel);
    *next_entry(w) = entry;
}

void worker_main(void* argument) {
    const auto& config = *static_cast<const WorkerConfig*>(argument);
    Worker* w = nullptr;
    const int result = worker_start(config, w);
    if (result < 0) {
        if (w) ring_close(w->ring);
        config.report->error.store(result, std::memory_order_relaxed);
        config.report->state.store(WorkerState::failed, std::memory_order_release);
        const std::uint64_t one = 1;
        system_call(SYS_write, config.report_fd, address(&one), sizeof one);
        return;
    }
    arm_accept(*w);
    arm_stop(*w);
    report(*w, WorkerState::ready);
    serve(*w);
    // The mappings of a ring keep it, and all sockets in its table, from going away with the thread.
    if (!w->broken) enter(*w, 0, 0);  // the last closes
    ring_close(w->ring);
    report(*w, w->broken ? WorkerState::failed : WorkerState::done);
}

}  // namespace torque::serve
