// What a request is answered with: the output of one step of a connection, and how responses are added to it.
#pragma once

#include <cstdint>

#include "serve/worker_state.h"

namespace torque::serve {

// Either a run of one route's ready response, or text in a block, or a response made before the worker's
// start.
struct Output {
    std::uint32_t run = 0;
    std::uint32_t bytes = 0;  // in the block, or of `made`
    const char* made = nullptr;
    std::uint16_t block = kNone;
    std::uint16_t run_route = 0;
    bool full = false;    // send this first, what is due comes with the next step
    bool failed = false;  // there is no memory to answer with

    bool empty() const { return run == 0 && block == kNone && made == nullptr; }
};

// Names of large buffers, where a block is meant.
inline constexpr std::uint16_t kLargeBlock = 0xff00;
static_assert(kBlocksMax <= kLargeBlock && kLargeBlock + kLargeBuffers < kNone);

// A request for a handler.
struct Call {
    const Head& head;
    std::string_view body;
};

// What a request asks for; `due.keep` and `due.head_only` are the caller's.
void route(const Worker& w, const Head& head, Due& due);

// The handler that is due; null: nothing needs the request any more.
inline const RouteEntry* called(const Worker& w, const Due& due) {
    if (due.reply != Reply::routed) return nullptr;
    const RouteEntry& entry = w.config->routes.entries[due.route];
    return entry.handler ? &entry : nullptr;
}
// Whether the handler's response has room in the output; it is there then until the next response is added.
bool has_room(Worker& w, const RouteEntry& entry, Output& out);

// Adds the response that is due; false: `out` says why not. `call` is needed where a handler is due.
bool write_due(Worker& w, Due& due, const Call* call, Output& out);

// Room for `bytes` more in the output's block, which starts with the run so far. Null: `out` says why.
char* room(Worker& w, Output& out, std::uint32_t bytes);

// Where the output's bytes stand, and how many.
const char* output_data(const Worker& w, const Output& out, std::uint32_t& bytes);
// Gives back a block or a large buffer once it was sent.
void output_release(Worker& w, std::uint16_t& block);

}  // namespace torque::serve
