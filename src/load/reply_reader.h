// Reads HTTP/1.1 responses from a connection's bytes as they come, and checks each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace torque::load {

// What the responses must be, and one that was found good. Shared by the connections of a thread.
struct Expectation {
    std::string body;  // that every response must have, with has_body
    bool has_body = false;
    std::string good;  // a whole response: bytes equal to it need no reading
};

// What was wrong with a response; the connection is of no use afterwards.
enum class Fault { none, malformed, status, body };

class ReplyReader {
  public:
    // Reads on; `completed` counts the responses that ended in these bytes. A response needs a status of 2xx
    // and a Content-Length (RFC 9112 section 6.3); chunked ones are not read and count as malformed, and so
    // does whatever follows one that said "Connection: close".
    Fault feed(std::string_view bytes, Expectation& expected, std::uint32_t& completed);

    bool closes() const { return closes_; }  // the last response said "Connection: close"
    bool is_between() const { return head_.empty() && !in_body_; }
    void reset() { *this = ReplyReader(); }

  private:
    static constexpr std::size_t kHeadBytesMax = 16384;

    Fault read_head(std::string_view& bytes);
    Fault read_body(std::string_view& bytes, const Expectation& expected);

    std::string head_;  // the part of a head that has come
    std::uint64_t body_bytes_ = 0, body_read_ = 0;
    bool in_body_ = false;
    bool closes_ = false;
};

}  // namespace torque::load
