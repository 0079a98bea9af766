// Responses as bytes: those that the server gives by itself, and the framing of all others.
#pragma once

#include <cstdint>
#include <string_view>

#include "serve/http.h"

namespace torque::serve {

enum class Reply : std::uint8_t {
    routed,  // what a route answers
    not_found,
    not_allowed,
    bad_request,
    content_too_large,
    uri_too_long,
    expectation_failed,
    head_too_large,
    failed,  // a handler did
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
int status_of(Reply reply);  // 404, ...; not of `routed`

// What a response says, but for the connection.
struct Content {
    int status = 200;
    std::string_view type = "text/plain";
    std::string_view fields = {};  // whole lines, beyond those that the framing has
    std::string_view body = {};
};

// Bytes of Content::type and Content::fields, and of a response's head with the largest of both.
inline constexpr std::uint32_t kTypeBytesMax = 128;
inline constexpr std::uint32_t kFieldsBytesMax = 512;
inline constexpr std::uint32_t kAnswerHeadBytesMax = 1024;

// Writes a response; with `head_only` (HEAD) all but the body, which may stand behind `out` in the same
// memory. Returns the bytes written: at most kAnswerHeadBytesMax and the body.
// No Date field: a worker keeps no clock (RFC 9110 section 6.6.1 lets an origin without one leave it out).
std::uint32_t write_response(char* out, const Content& content, Keep keep, bool head_only);

// Bytes of any response that the server gives by itself.
inline constexpr std::uint32_t kReplyBytesMax = 320;
// Writes one of those. `allow` is for not_allowed: "Allow: GET\r\n", at most 64 bytes.
std::uint32_t write_reply(char* out, Reply reply, Keep keep, bool head_only, std::string_view allow);

inline constexpr char kContinue[] = "HTTP/1.1 100 Continue\r\n\r\n";
inline constexpr std::uint32_t kContinueBytes = sizeof kContinue - 1;

}  // namespace torque::serve
