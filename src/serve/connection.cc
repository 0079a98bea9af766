// A connection's life: bytes in, requests, responses out, in order and bounded.
//
// Input is read only while no send is under way: what arrives meanwhile waits in its receive buffers, and
// when too many wait the connection is received from no more until the client has taken its answers.
#include <cerrno>
#include <cstring>

#include "serve/answer.h"
#include "serve/worker_state.h"

namespace torque::serve {
namespace {

bool has(const Connection& c, std::uint8_t flags) {
    return (c.state & flags) != 0;
}
void set(Connection& c, std::uint8_t flags) {
    c.state = static_cast<std::uint8_t>(c.state | flags);
}
void clear(Connection& c, std::uint8_t flags) {
    c.state = static_cast<std::uint8_t>(c.state & ~flags);
}

bool is_unresolved(const Worker& w, const Connection& c) {
    return c.sent_in_batch > w.resolved;
}

void defer(Worker& w, std::uint32_t slot) {
    Connection& c = w.connections[slot];
    if (has(c, kDeferred)) return;
    set(c, kDeferred);
    w.deferred[w.deferred_count++] = slot;
}

void touch(Worker& w, std::uint32_t slot) {
    if (w.connections[slot].stamp == w.tick) return;
    ++w.active;
    list_remove(w, slot);
    list_append(w, List::idle, slot);
}

// --- receive buffers that wait
void hold(Worker& w, Connection& c, std::uint16_t id, std::uint32_t size) {
    w.held[id] = Held{0, size, kNone};
    if (c.held_first == kNone) {
        c.held_first = id;
    } else {
        w.held[c.held_last].next = id;
    }
    c.held_last = id;
    ++c.held_count;
    ++w.held_total;
}

void drop_first_held(Worker& w, Connection& c) {
    const std::uint16_t id = c.held_first;
    c.held_first = w.held[id].next;
    --c.held_count;
    --w.held_total;
    buffer_give_back(w, id);
}

void drop_all_held(Worker& w, Connection& c) {
    while (c.held_first != kNone) drop_first_held(w, c);
}

// --- operations

void receive(Worker& w, std::uint32_t slot) {
    Submission& entry = *next_entry(w);
    entry = w.receive_template;
    entry.fd = static_cast<int>(slot);
    entry.user_data = event_data(Event::receive, slot);
    set(w.connections[slot], kReceiving);
}

void stop_receiving(Worker& w, std::uint32_t slot) {
    Connection& c = w.connections[slot];
    if (!has(c, kReceiving) || has(c, kCancelling)) return;
    set(c, kCancelling);
    cancel(w, Event::receive, slot);
}

// Sends c.out; its completion comes when all of it has gone, or never will.
void send(Worker& w, std::uint32_t slot) {
    Connection& c = w.connections[slot];
    Submission& entry = *next_entry(w);
    entry = w.send_template;
    entry.fd = static_cast<int>(slot);
    entry.addr = reinterpret_cast<std::uint64_t>(c.out);
    entry.len = c.out_bytes;
    entry.user_data = event_data(Event::send, slot);
    c.sent_in_batch = w.batch;
    set(c, kSending);
}

// Sends c.out, which lasts for ever; nothing comes back when all of it goes at once.
void send_silently(Worker& w, std::uint32_t slot) {
    Connection& c = w.connections[slot];
    Submission& entry = *next_entry(w);
    entry = w.silent_template;
    entry.fd = static_cast<int>(slot);
    entry.addr = reinterpret_cast<std::uint64_t>(c.out);
    entry.len = c.out_bytes;
    entry.user_data = event_data(Event::silent_send, slot);
    c.sent_in_batch = w.batch;
}

// A multishot receive does not tell of a reset that came in together with the data before it (seen on 6.18),
// and a client that was reset in the middle of a request would keep its slot until the idle sweep. Sending
// nothing fails on such a connection, and does nothing on any other.
void probe_for_reset(Worker& w, std::uint32_t slot) {
    Connection& c = w.connections[slot];
    c.out = w.blocks;
    c.out_bytes = 0;
    send_silently(w, slot);
}

// --- responses

// The request of a handler that was kept for its body.
bool write_kept(Worker& w, Connection& c, Output& out) {
    const char* request = block_at(w, c.block);
    Head head;
    parse_head(request, c.carried_bytes, 0, head);
    const Call call{head, {request + head.bytes, c.carried_bytes - head.bytes}};
    return write_due(w, c.due, &call, out);
}

// Adds the response that is due to the output, if it fits. Without `head` the request, if a handler needs it,
// is the one that was kept, which is given back with the answer.
void answer(Worker& w, std::uint32_t slot, const Head* head, Output& out) {
    Connection& c = w.connections[slot];
    if (head) {
        const Call call{*head, {}};
        if (!write_due(w, c.due, &call, out)) return;
    } else if (!(called(w, c.due) ? write_kept(w, c, out) : write_due(w, c.due, nullptr, out))) {
        return;
    }
    c.due.waiting = false;
    if (!head) {
        c.carried_bytes = 0;
        block_give_back(w, c.block);
    }
    if (c.due.keep == Keep::close) set(c, kLast);
    touch(w, slot);
}

void refuse(Worker& w, std::uint32_t slot, Reply reply, bool head_only, Output& out) {
    Connection& c = w.connections[slot];
    c.body = Body{};
    c.due = Due{kNone, reply, Keep::close, head_only, true};
    // These clients are likely to be still sending: closing now would reset the connection under the answer.
    c.lingers =
        reply == Reply::content_too_large || reply == Reply::head_too_large || reply == Reply::uri_too_long;
    answer(w, slot, nullptr, out);
}

// A quarter of the blocks stays for answers: clients that never finish a request cannot take them all.
std::uint16_t take_input_block(Worker& w) {
    const std::uint32_t blocks = w.slots < kBlocksMax ? w.slots : kBlocksMax;
    return w.free_block_count > blocks / 4 ? block_take(w) : kNone;
}

// The handler will need the head when the body is there. Where there is no room for both, or no memory, the
// body is thrown away and the answer says so.
void keep_request(Worker& w, Connection& c, const Head& head) {
    if (c.block == kNone) c.block = take_input_block(w);
    if (c.block == kNone) {
        c.due.reply = Reply::unavailable;
        return;
    }
    char* block = block_at(w, c.block);
    std::memmove(block, head.text, head.text_bytes);  // which may stand in the block already
    c.carried_bytes = static_cast<std::uint16_t>(head.text_bytes);
    if (head.content_length <= kBlockBytes - head.text_bytes) return;
    c.due.reply = Reply::content_too_large;
    c.carried_bytes = 0;
    block_give_back(w, c.block);
}

// A request whose head is whole; `follows`: bytes that came behind it. False: its handler has no room for an
// answer now, so the request is to be read again when the output has gone.
bool take_request(Worker& w, std::uint32_t slot, const Head& head, std::uint32_t follows, Output& out) {
    Connection& c = w.connections[slot];
    const bool stays = head.keep_alive && !w.stopping;
    const Keep keep = !stays ? Keep::close : head.is_1_0 ? Keep::announced : Keep::silent;
    Due due{kNone, Reply::routed, keep, head.method == Method::head, true};
    route(w, head, due);
    const Body body = body_of(head);
    const bool has_body = body.state != Body::State::none;
    const RouteEntry* entry = called(w, due);
    if (entry && !has_body && !has_room(w, *entry, out)) return false;
    w.counters->requests.add();
    c.due = due;
    c.body = body;
    if (!has_body) {
        answer(w, slot, &head, out);
        return true;
    }
    if (entry) keep_request(w, c, head);
    if (!head.expects_continue || follows != 0) return true;
    if (c.due.reply == Reply::content_too_large) {  // RFC 9110 section 10.1.1: rather than have it sent
        refuse(w, slot, Reply::content_too_large, c.due.head_only, out);
        return true;
    }
    // Left out where there is no room: a client does not wait for it for ever (RFC 9110 section 10.1.1).
    if (char* at = room(w, out, kContinueBytes)) {
        std::memcpy(at, kContinue, kContinueBytes);
        out.bytes += kContinueBytes;
    }
    out.full = out.failed = false;
    return true;
}

// --- requests: each reads what it can of `size` bytes and returns how many it used

std::uint32_t read_body(Worker& w, std::uint32_t slot, const char* data, std::uint32_t size, Output& out) {
    Connection& c = w.connections[slot];
    std::uint32_t used = 0;
    const bool kept = c.block != kNone;
    BodyRoom room;
    if (kept) room = {block_at(w, c.block) + c.carried_bytes, kBlockBytes - c.carried_bytes};
    const Progress progress = skip_body(c.body, data, size, used, kept ? &room : nullptr);
    if (kept) c.carried_bytes = static_cast<std::uint16_t>(c.carried_bytes + room.bytes);
    if (room.overflowed) {
        c.due.reply = Reply::content_too_large;
        c.carried_bytes = 0;
        block_give_back(w, c.block);
    }
    if (progress == Progress::complete) {
        answer(w, slot, nullptr, out);
    } else if (progress == Progress::refused) {
        refuse(w, slot, reply_to(c.body.refusal), c.due.head_only, out);
        return size;
    }
    return used;
}

std::uint32_t read_carried_head(Worker& w, std::uint32_t slot, const char* data, std::uint32_t size,
                                Output& out) {
    Connection& c = w.connections[slot];
    char* block = block_at(w, c.block);
    const std::uint32_t before = c.carried_bytes;
    const std::uint32_t space = kBlockBytes - before;
    const std::uint32_t added = size < space ? size : space;
    std::memcpy(block + before, data, added);
    Head head;
    const Progress progress = parse_head(block, before + added, before, head);
    if (progress == Progress::partial) {
        c.carried_bytes = static_cast<std::uint16_t>(before + added);
        return added;
    }
    if (progress == Progress::refused) {
        c.carried_bytes = 0;
        block_give_back(w, c.block);
        refuse(w, slot, reply_to(head.refusal), head.method == Method::head, out);
        return size;
    }
    const std::uint32_t used = head.bytes > before ? head.bytes - before : 0;
    // The head's end is not carried yet: nothing has changed, and it will be found again.
    if (!take_request(w, slot, head, size - used, out)) return 0;
    if (c.body.state != Body::State::none && called(w, c.due)) return used;  // the block is kept
    c.carried_bytes = 0;
    block_give_back(w, c.block);
    return used;
}

std::uint32_t read_head(Worker& w, std::uint32_t slot, const char* data, std::uint32_t size, Output& out) {
    Connection& c = w.connections[slot];
    Head head;
    const Progress progress = parse_head(data, size, 0, head);
    if (progress == Progress::complete) {
        return take_request(w, slot, head, size - head.bytes, out) ? head.bytes : 0;
    }
    if (progress == Progress::refused) {
        refuse(w, slot, reply_to(head.refusal), head.method == Method::head, out);
        return size;
    }
    c.block = take_input_block(w);
    if (c.block == kNone) {
        refuse(w, slot, Reply::unavailable, false, out);
        return size;
    }
    std::memcpy(block_at(w, c.block), data, size);
    c.carried_bytes = static_cast<std::uint16_t>(size);
    return size;
}

std::uint32_t read_input(Worker& w, std::uint32_t slot, const char* data, std::uint32_t size, Output& out) {
    const Connection& c = w.connections[slot];
    if (c.body.state != Body::State::none) return read_body(w, slot, data, size, out);
    if (c.carried_bytes != 0) return read_carried_head(w, slot, data, size, out);
    return read_head(w, slot, data, size, out);
}

void send_output(Worker& w, std::uint32_t slot, const Output& out) {
    Connection& c = w.connections[slot];
    if (out.empty()) {
        const bool partial = c.carried_bytes != 0 || c.body.state != Body::State::none;
        return partial && !has(c, kEof) ? probe_for_reset(w, slot) : void();
    }
    c.out = output_data(w, out, c.out_bytes);
    if (out.run != 0) return send_silently(w, slot);
    c.out_block = out.block;
    send(w, slot);
}

// Reads what waits until there is no more of it or the output is full, and sends the output.
void step(Worker& w, std::uint32_t slot) {
    Connection& c = w.connections[slot];
    Output out;
    if (c.due.waiting && c.body.state == Body::State::none) answer(w, slot, nullptr, out);
    while (c.held_first != kNone && !out.full && !out.failed && !has(c, kLast)) {
        Held& held = w.held[c.held_first];
        const char* data = buffer_at(w, c.held_first) + held.offset;
        held.offset += read_input(w, slot, data, held.size - held.offset, out);
        if (held.offset == held.size) drop_first_held(w, c);
    }
    if (out.failed) return connection_close(w, slot);
    send_output(w, slot, out);
}

// Frees the slot once nothing can come back for it.
void finish_close(Worker& w, std::uint32_t slot) {
    Connection& c = w.connections[slot];
    if (has(c, kReceiving | kSending | kDeferred)) return;
    if (is_unresolved(w, c)) return defer(w, slot);
    output_release(w, c.out_block);
    list_remove(w, slot);
    c.state = 0;
    --w.open;
    w.counters->open.set(w.open);
    Submission& entry = *next_entry(w);
    entry = w.close_template;
    entry.file_index = slot + 1;
    entry.user_data = event_data(Event::close, slot);
}

// No input waits and nothing is being sent: is this the end?
bool close_if_done(Worker& w, std::uint32_t slot) {
    const Connection& c = w.connections[slot];
    const bool done = has(c, kEof) || (has(c, kLast) && !c.lingers);
    if (done) connection_close(w, slot);
    return done;
}

}  // namespace

void connection_accept(Worker& w, std::uint32_t slot) {
    Connection& c = w.connections[slot];
    c = Connection{};
    c.state = kOpen;
    ++w.open;
    w.counters->open.set(w.open);
    list_append(w, List::idle, slot);
    ++w.active;
    if (w.drain >= Drain::closing) return connection_close(w, slot);
    receive(w, slot);
}

void connection_receive(Worker& w, std::uint32_t slot, int result, std::uint32_t flags) {
    Connection& c = w.connections[slot];
    if ((flags & kCqeMore) == 0) clear(c, kReceiving | kCancelling);
    if ((flags & kCqeBuffer) != 0) {
        const auto id = static_cast<std::uint16_t>(flags >> kCqeBufferShift);
        if (result > 0 && !has(c, kLast | kClosing)) {
            hold(w, c, id, static_cast<std::uint32_t>(result));
        } else {
            buffer_give_back(w, id);
        }
    }
    if (result == 0) set(c, kEof);
    if (result == -ENOBUFS) {
        w.counters->no_buffers.add();
        w.starved = true;
    }
    const bool harmless =
        result >= 0 || result == -ENOBUFS || result == -ECANCELED || result == -EINTR || result == -EAGAIN;
    if (!harmless) return has(c, kClosing) ? finish_close(w, slot) : connection_close(w, slot);
    connection_advance(w, slot);
}

void connection_sent(Worker& w, std::uint32_t slot, Event event, int result) {
    Connection& c = w.connections[slot];
    if (event == Event::send) {
        clear(c, kSending);
        c.sent_in_batch = 0;
    }
    if (has(c, kClosing)) return finish_close(w, slot);
    if (result < 0 && result != -EAGAIN && result != -EINTR) return connection_close(w, slot);
    const std::uint32_t sent = result > 0 ? static_cast<std::uint32_t>(result) : 0;
    c.out += sent;
    c.out_bytes -= sent < c.out_bytes ? sent : c.out_bytes;
    if (c.out_bytes != 0) {
        w.counters->partial_sends.add();
        return send(w, slot);
    }
    output_release(w, c.out_block);
    if (has(c, kLast) && c.lingers) {
        list_remove(w, slot);
        list_append(w, List::lingering, slot);
    } else {
        touch(w, slot);
    }
    connection_advance(w, slot);
}

void connection_advance(Worker& w, std::uint32_t slot) {
    Connection& c = w.connections[slot];
    if (has(c, kLast)) drop_all_held(w, c);
    while (!has(c, kClosing | kSending | kLast) && !is_unresolved(w, c) &&
           (c.held_first != kNone || (c.due.waiting && c.body.state == Body::State::none))) {
        step(w, slot);
    }
    if (has(c, kClosing)) return finish_close(w, slot);
    if (c.state == 0) return;  // closed on the way
    if (has(c, kLast)) drop_all_held(w, c);
    const bool waits = c.held_first != kNone || c.due.waiting || has(c, kEof);
    if (has(c, kSending) || (is_unresolved(w, c) && waits)) {
        if (!has(c, kSending)) defer(w, slot);
        const std::uint32_t share = w.config->buffer_count / 4;
        if (c.held_count >= (share < kHeldBuffersMax ? share : kHeldBuffersMax)) stop_receiving(w, slot);
        if (!has(c, kLast)) return;
    } else if (close_if_done(w, slot)) {
        return;
    }
    if (!has(c, kReceiving | kEof) && c.held_first == kNone) receive(w, slot);
}

bool connection_is_idle(const Worker& w, std::uint32_t slot) {
    const Connection& c = w.connections[slot];
    return !has(c, kSending | kClosing | kDeferred) && c.held_first == kNone && c.carried_bytes == 0 &&
           !c.due.waiting;
}

void connections_evict(Worker& w) {
    const std::uint32_t end = w.slots + static_cast<std::uint32_t>(List::idle);
    std::uint32_t slot = w.connections[end].next;
    while (slot != end && w.held_total > w.config->buffer_count / 2) {
        const Connection& c = w.connections[slot];
        const std::uint32_t next = c.next;
        // Its send was submitted and still is not done: the client does not read.
        if (c.held_count != 0 && has(c, kSending) && !is_unresolved(w, c)) {
            w.counters->overrun_closed.add();
            connection_close(w, slot);
        }
        slot = next;
    }
}

void connection_close(Worker& w, std::uint32_t slot) {
    Connection& c = w.connections[slot];
    if (has(c, kClosing)) return;
    set(c, kClosing);
    drop_all_held(w, c);
    block_give_back(w, c.block);
    c.due.waiting = false;
    stop_receiving(w, slot);
    if (has(c, kSending)) cancel(w, Event::send, slot);
    finish_close(w, slot);
}

}  // namespace torque::serve
