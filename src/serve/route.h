// The routes as workers read them: paths in order, and ready responses.
#pragma once

#include <cstdint>
#include <string_view>

#include "serve/response.h"
#include "torque/handler.h"

namespace torque::serve {

// A whole response, ready to be sent.
struct MadeReply {
    const char* data = nullptr;
    std::uint32_t head_bytes = 0, bytes = 0;  // bytes: head and body
};

// Read-only for workers; what is pointed to lives as long as they.
struct RouteEntry {
    std::string_view path;
    bool is_prefix = false;
    unsigned methods = 0;        // kGet ...
    std::string_view allow;      // "Allow: GET, HEAD\r\n"
    Handler* handler = nullptr;  // null: it is ready
    void* context = nullptr;
    std::uint32_t body_bytes_max = 0;  // of a handler's response
    MadeReply ready[kKeepCount] = {};  // in the order of Keep
    std::uint32_t run_max = 0;  // ready responses in a row that can be sent at once; 0: it is too large
};

// Blocks hold what does not fit the fast path, among it handlers' responses.
inline constexpr std::uint32_t kBlockBytes = kHeadBytesMax;

struct RouteTable {
    const RouteEntry* entries = nullptr;
    std::uint32_t count = 0;
    std::uint32_t large_body_bytes_max = 0;  // of handlers whose response has no room in a block; 0: none
    std::string_view allow;                  // of all routes together
};

// Pipelined GETs of a small ready response are answered from a page of them: a run of n is its first n.
inline constexpr std::uint32_t kRunMax = 512;
inline constexpr std::uint32_t kRunBytesMax = 36 * 1024;

}  // namespace torque::serve
