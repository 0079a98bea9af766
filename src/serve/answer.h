// What a request is answered with: the output of one step of a connection, and how responses are added to it.
#pragma once

#include <cstdint>

#include "serve/worker_state.h"

namespace torque::serve {

// Either a run of OKs from the ready page, or text in a block, or a response made before the worker's start.
struct Output {
    std::uint32_t run = 0;
    std::uint32_t bytes = 0;  // in the block, or of `made`
    const char* made = nullptr;
    std::uint16_t block = kNone;
    bool full = false;    // send this first, what is due comes with the next step
    bool failed = false;  // there is no memory to answer with

    bool empty() const { return run == 0 && block == kNone && made == nullptr; }
};

// Names of metrics buffers, where a block is meant.
inline constexpr std::uint16_t kMetricsBlock = 0xff00;
static_assert(kBlocksMax <= kMetricsBlock && kMetricsBlock + kMetricsBuffers < kNone);

// What a request asks for.
Reply route(const Worker& w, const Head& head);

// Adds the response that is due; false: `out` says why not.
bool write_due(Worker& w, Due& due, Output& out);
void count_reply(Worker& w, Reply reply);

// Room for `bytes` more in the output's block, which starts with the run so far. Null: `out` says why.
char* room(Worker& w, Output& out, std::uint32_t bytes);

// Where the output's bytes stand, and how many.
const char* output_data(const Worker& w, const Output& out, std::uint32_t& bytes);
// Gives back a block or a metrics buffer once it was sent.
void output_release(Worker& w, std::uint16_t& block);

}  // namespace torque::serve
