// HTTP/1.1 requests, parsed from bytes as they come: request heads and bodies. No I/O, no allocation.
#pragma once

#include <cstdint>
#include <string_view>

namespace torque::serve {

// Most bytes of a request line and its header fields together, with the empty line; above it: 431.
inline constexpr std::uint32_t kHeadBytesMax = 8192;
// Most bytes of a body, framing of chunks not counted; above it: 413.
inline constexpr std::uint32_t kBodyBytesMax = 1 << 20;

enum class Method : std::uint8_t {
    get,
    head,
    post,
    put,
    remove,  // DELETE
    patch,
    options,
    trace,
    connect,
    unknown,  // 501
};

// Why a request is refused; the connection cannot be used afterwards, for where the next request starts is
// not known. RFC 9110, section 15.
enum class Refusal : std::uint8_t {
    none,
    bad_request,         // 400
    content_too_large,   // 413
    uri_too_long,        // 414: no line end in kHeadBytesMax
    expectation_failed,  // 417
    head_too_large,      // 431
    not_implemented,     // 501: a transfer coding other than chunked
    bad_version,         // 505
};

enum class Progress : std::uint8_t { complete, partial, refused };

// A request head. Texts point into the bytes that were parsed.
struct Head {
    const char* path = nullptr;  // without query; "*" only with OPTIONS
    std::uint32_t path_bytes = 0;
    const char* text = nullptr;    // the request line and all that follows
    std::uint32_t text_bytes = 0;  // of it, with the empty line that ends the head
    std::uint32_t bytes = 0;       // of the head with the empty line that ends it, and empty lines before it
    std::uint64_t content_length = 0;
    Method method = Method::unknown;
    Refusal refusal = Refusal::none;  // set with Progress::refused
    bool chunked = false;
    bool keep_alive = false;  // as version and Connection have it
    bool is_1_0 = false;
    bool expects_continue = false;
};

// Parses the head at the front of `data`. Of the `size` bytes the first `seen` were there at the last call,
// which answered `partial`: they are not searched for the head's end again.
// Strict, as RFC 9112 (sections 2.2, 3, 5.2, 6.3, 11.2) allows, so that no proxy in front can see another
// boundary: lines end in CRLF only, no folded lines, no space before a colon, one Host, one Content-Length of
// digits, never both framings, "chunked" as the only coding.
Progress parse_head(const char* data, std::uint32_t size, std::uint32_t seen, Head& head);

// RFC 9110 sections 5.6.2 and 5.5.
bool is_token(std::string_view text);
bool is_field_value(std::string_view text);

// Where a body's reader stands.
struct Body {
    enum class State : std::uint8_t {
        none,  // no body, or all of it was read
        length,
        chunk_size,  // hexadecimal digits
        chunk_extension,
        chunk_size_lf,
        chunk_data,
        chunk_data_cr,
        chunk_data_lf,
        trailer_start,  // of a line
        trailer_line,
        trailer_line_lf,
        trailer_end_lf,
    };
    std::uint32_t left_bytes = 0;   // of the body, or of the chunk; no further than kBodyBytesMax + 1
    std::uint32_t total_bytes = 0;  // in chunks so far
    std::uint16_t line_bytes = 0;   // of the chunk's size line or of the trailers
    State state = State::none;
    Refusal refusal = Refusal::none;  // set with Progress::refused
};

Body body_of(const Head& head);

// Where a body's bytes are kept, without the framing of chunks.
struct BodyRoom {
    char* to = nullptr;
    std::uint32_t size = 0, bytes = 0;
    bool overflowed = false;
};

// Reads past body bytes, into `room` if there is one; `used` is how many of `size` belong to the body.
Progress skip_body(Body& body, const char* data, std::uint32_t size, std::uint32_t& used,
                   BodyRoom* room = nullptr);

}  // namespace torque::serve
