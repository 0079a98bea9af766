#include "load/reply_reader.h"

#include "catch.h"

using torque::load::Expectation;
using torque::load::Fault;
using torque::load::ReplyReader;

namespace {

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";

Fault read_one(std::string_view bytes, std::uint32_t& completed) {
    Expectation expected;
    ReplyReader reader;
    return reader.feed(bytes, expected, completed);
}

}  // namespace

TEST_CASE("responses are counted, whatever pieces they come in") {
    const std::string three = std::string(kOk) + std::string(kOk) + std::string(kOk);
    for (std::size_t split = 1; split < three.size(); ++split) {
        Expectation expected;
        ReplyReader reader;
        std::uint32_t first = 0, second = 0;
        CHECK(reader.feed(std::string_view(three).substr(0, split), expected, first) == Fault::none);
        CHECK(reader.feed(std::string_view(three).substr(split), expected, second) == Fault::none);
        CHECK(first + second == 3);
        CHECK(reader.is_between());
    }
}

TEST_CASE("a response after one that was found good is still read when it differs") {
    Expectation expected;
    ReplyReader reader;
    std::uint32_t completed = 0;
    REQUIRE(reader.feed(kOk, expected, completed) == Fault::none);
    CHECK(expected.good == kOk);
    CHECK(reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", expected, completed) == Fault::none);
    CHECK(completed == 1);
    CHECK(reader.feed("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", expected, completed) ==
          Fault::status);
}

TEST_CASE("what is not a response with a length is a fault") {
    std::uint32_t completed = 0;
    CHECK(read_one("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", completed) == Fault::status);
    CHECK(read_one("HTTP/1.1 200 OK\r\n\r\n", completed) == Fault::malformed);
    CHECK(read_one("HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\n", completed) == Fault::malformed);
    CHECK(read_one("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", completed) == Fault::malformed);
    CHECK(read_one("SSH-2.0-OpenSSH_9.2\r\n\r\n", completed) == Fault::malformed);
    CHECK(read_one(std::string(20000, 'x'), completed) == Fault::malformed);
    CHECK(completed == 0);
}

TEST_CASE("a body is compared where one is expected") {
    Expectation expected;
    expected.has_body = true;
    expected.body = "OK";
    std::uint32_t completed = 0;
    ReplyReader reader;
    CHECK(reader.feed(kOk, expected, completed) == Fault::none);
    CHECK(reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nKO", expected, completed) == Fault::body);
    reader.reset();
    CHECK(reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nOKK", expected, completed) == Fault::body);
}

TEST_CASE("a server that will close says so") {
    Expectation expected;
    std::uint32_t completed = 0;
    ReplyReader reader;
    CHECK(reader.feed("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: CLOSE\r\n\r\nOK", expected,
                      completed) == Fault::none);
    CHECK(completed == 1);
    CHECK(reader.closes());
    CHECK(expected.good.empty());
    CHECK(reader.feed(kOk, expected, completed) == Fault::malformed);
    CHECK(completed == 0);
    ReplyReader old;
    CHECK(old.feed("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", expected, completed) == Fault::none);
    CHECK(old.closes());
}
