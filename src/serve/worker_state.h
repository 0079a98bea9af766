// A worker's memory: connections, buffers, blocks and the ring, all in one mapping on its own node.
//
// A connection is a slot of the ring's fixed-file table; the kernel picks the slot at accept, and the slot is
// the connection's number everywhere. All that a request touches of its connection is one cache line.
//
// Time is counted in ticks of the ring's own timeout, which is armed only while there are connections:
// nothing reads a clock, and a worker without connections sleeps for good.
#pragma once

#include <cstdint>

#include "serve/http.h"
#include "serve/response.h"
#include "serve/ring.h"
#include "serve/worker.h"

namespace torque::serve {

// What a completion is about: the low byte of user_data; the slot is above it.
enum class Event : std::uint8_t { accept, receive, silent_send, send, close, cancel, stop, tick, drain_end };

constexpr std::uint64_t event_data(Event event, std::uint32_t slot = 0) {
    return std::uint64_t{slot} << 8 | static_cast<std::uint64_t>(event);
}

// Connection::state, one byte.
inline constexpr std::uint8_t kOpen = 1;
inline constexpr std::uint8_t kReceiving = 2;   // a multishot receive is armed
inline constexpr std::uint8_t kCancelling = 4;  // and its end was asked for
inline constexpr std::uint8_t kSending = 8;     // a send is under way whose completion will come
inline constexpr std::uint8_t kEof = 16;        // the client sends no more
inline constexpr std::uint8_t kLast = 32;       // the last response was written; input is thrown away
inline constexpr std::uint8_t kClosing = 64;    // waits for its operations to end, then the slot is freed
inline constexpr std::uint8_t kDeferred = 128;  // in Worker::deferred

inline constexpr std::uint16_t kNone = 0xffff;  // no buffer, no block

// A response that is due but not written yet.
struct Due {
    std::uint16_t route = kNone;  // index of the table
    Reply reply = Reply::routed;
    Keep keep = Keep::silent;
    bool head_only = false;
    bool waiting = false;  // this is one
};

struct alignas(64) Connection {
    std::uint32_t previous = 0, next = 0;  // in its list, oldest first
    std::uint32_t stamp = 0;               // tick of the last whole request
    std::uint8_t state = 0;
    bool lingers = false;             // with kLast: wait for the client to close, it may still be sending
    std::uint16_t block = kNone;      // of a partial head, or of a request with a body for a handler
    std::uint64_t sent_in_batch = 0;  // batch of the last silent send
    const char* out = nullptr;        // what the last send has still to send, unless it succeeded silently
    std::uint32_t out_bytes = 0;
    std::uint16_t out_block = kNone;                      // that `out` points into
    std::uint16_t carried_bytes = 0;                      // in `block`
    std::uint16_t held_first = kNone, held_last = kNone;  // receive buffers not yet read, in order
    std::uint16_t held_count = 0;
    Due due;
    Body body;  // of the request that `due` answers
};
static_assert(sizeof(Connection) == 64);

// A route's ready responses, one behind the other: RouteEntry::run_max of them.
struct RunPage {
    const char* data;
    std::uint32_t bytes;  // of one
};

// A receive buffer that waits to be read.
struct Held {
    std::uint32_t offset = 0, size = 0;
    std::uint16_t next = kNone;
};

// Blocks hold what does not fit the fast path: partial heads and responses other than a run of OKs.
inline constexpr std::uint32_t kBlocksMax = 4096;
inline constexpr std::uint32_t kLargeBuffers = 4;  // responses larger than a block at once; more get 503
// Buffers that a connection may have waiting before it is received from no more.
inline constexpr std::uint16_t kHeldBuffersMax = 16;

// Ends of the two lists, kept in connections[slots] and [slots + 1].
enum class List : std::uint32_t { idle, lingering };

// What a stop has come to: first all clients have a moment to learn of it by an answer, then the idle ones
// are closed, then all; last, those that do not close are left behind.
enum class Drain : std::uint8_t { announced, no_idle, closing, given_up };

struct Worker {
    const WorkerConfig* config;
    Counters* counters;
    Ring ring;
    int listener;

    Connection* connections;  // slots + 2
    std::uint32_t slots;
    std::uint32_t open;

    BufferEntry* buffer_ring;
    char* buffers;
    Held* held;  // one a buffer
    std::uint32_t held_total;
    std::uint16_t buffer_tail;  // published to the kernel once a loop

    char* blocks;
    std::uint16_t* free_blocks;
    std::uint32_t free_block_count;
    char* large_buffers;
    std::uint32_t large_buffer_bytes;
    std::uint32_t large_busy;  // a bit a buffer

    RunPage* run_pages;  // one a route
    char* runs;          // what they point into

    // A silent send tells of itself only when it fails, and then at submission. So a connection must not send
    // again before all completions of the batch of its last silent send were read.
    std::uint64_t batch;      // now being filled
    std::uint64_t resolved;   // all completions up to this one were read
    std::uint32_t* deferred;  // connections that wait for that
    std::uint32_t deferred_count;

    std::uint32_t tick;
    std::uint32_t active, active_before;  // connections that asked in this tick, and in the last one
    bool ticking, accepting, stopping, broken;
    Drain drain;
    bool starved;  // a receive found no buffer in this loop
    std::uint32_t overflow_seen;
    KernelTime tick_time, drain_time;
    std::uint64_t stop_count;  // what reading the eventfd gives

    Submission receive_template, silent_template, send_template, close_template;
    Submission nowhere;  // where entries go when the ring is broken
};

// --- worker_setup.cc

// Everything up to `ready`. On failure the report says which step, and its -errno is returned.
int worker_start(const WorkerConfig& config, Worker*& worker);

// --- worker.cc

// A submission entry, cleared of nothing: fill it whole. Submits what is queued when the queue is full.
Submission* next_entry(Worker& w);
void cancel(Worker& w, Event event, std::uint32_t slot);

// --- connection.cc

void connection_accept(Worker& w, std::uint32_t slot);
void connection_receive(Worker& w, std::uint32_t slot, int result, std::uint32_t flags);
void connection_sent(Worker& w, std::uint32_t slot, Event event, int result);
// Does what can be done now: reads what waits, sends, receives again, closes.
void connection_advance(Worker& w, std::uint32_t slot);
void connection_close(Worker& w, std::uint32_t slot);
// No request is under way, nor part of one.
bool connection_is_idle(const Worker& w, std::uint32_t slot);
// Closes clients that send without reading, oldest first, until half of the receive buffers are free of them.
void connections_evict(Worker& w);

// --- lists, oldest first; connections[slots + list] is both ends

inline void list_remove(Worker& w, std::uint32_t slot) {
    Connection& c = w.connections[slot];
    w.connections[c.previous].next = c.next;
    w.connections[c.next].previous = c.previous;
}

inline void list_append(Worker& w, List list, std::uint32_t slot) {
    const std::uint32_t end = w.slots + static_cast<std::uint32_t>(list);
    Connection& c = w.connections[slot];
    c.next = end;
    c.previous = w.connections[end].previous;
    w.connections[c.previous].next = slot;
    w.connections[end].previous = slot;
    c.stamp = w.tick;
}

// --- receive buffers and blocks

inline char* buffer_at(const Worker& w, std::uint16_t id) {
    return w.buffers + std::uint64_t{id} * w.config->buffer_bytes;
}

inline void buffer_give_back(Worker& w, std::uint16_t id) {
    BufferEntry& entry = w.buffer_ring[w.buffer_tail & (w.config->buffer_count - 1)];
    entry.address = reinterpret_cast<std::uint64_t>(buffer_at(w, id));
    entry.size_bytes = w.config->buffer_bytes;
    entry.id = id;
    ++w.buffer_tail;
}

inline void buffers_publish(Worker& w) {
    __atomic_store_n(&w.buffer_ring[0].tail, w.buffer_tail, __ATOMIC_RELEASE);
}

inline char* block_at(const Worker& w, std::uint16_t block) {
    return w.blocks + std::uint64_t{block} * kBlockBytes;
}

inline std::uint16_t block_take(Worker& w) {
    return w.free_block_count == 0 ? kNone : w.free_blocks[--w.free_block_count];
}

inline void block_give_back(Worker& w, std::uint16_t& block) {
    if (block != kNone) w.free_blocks[w.free_block_count++] = block;
    block = kNone;
}

}  // namespace torque::serve
