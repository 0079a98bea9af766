// The responses this server gives, as bytes.
#pragma once

#include <cstdint>

#include "serve/http.h"

namespace torque::serve {

enum class Reply : std::uint8_t {
    ok,
    worker,   // JSON about the worker that answers
    metrics,  // of all workers
    layout,   // JSON, as it was read
    not_found,
    not_allowed,
    bad_request,
    content_too_large,
    uri_too_long,
    expectation_failed,
    head_too_large,
    not_implemented,
    unavailable,
    bad_version,
};

// How a response speaks of the connection.
enum class Keep : std::uint8_t {
    silent,     // HTTP/1.1 stays open, nothing need be said
    announced,  // HTTP/1.0 stays open because its client asked for it
    close,
};
inline constexpr std::uint32_t kKeepCount = 3;

Reply reply_to(Refusal refusal);
int status_of(Reply reply);  // 200, 404, ...

// Bytes of any response without the body of `worker`, `metrics` and `layout`.
inline constexpr std::uint32_t kReplyBytesMax = 256;

// Writes a response. `body` is used by ok, worker, metrics and layout; the others have texts of their own.
// With `head_only` (HEAD) all but the body. Returns the bytes written: at most kReplyBytesMax + body_bytes.
// No Date field: a worker keeps no clock (RFC 9110 section 6.6.1 lets an origin without one leave it out).
std::uint32_t write_reply(char* out, Reply reply, Keep keep, bool head_only, const char* body,
                          std::uint32_t body_bytes);

inline constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";
inline constexpr std::uint32_t kContinueBytes = sizeof kContinue - 1;

}  // namespace torque::serve
