#include "serve/http.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "catch.h"
#include "serve/response.h"

using namespace torque::serve;

namespace {

struct Parsed {
    std::vector<std::string> requests;  // method, path and flags of each
    Refusal refusal = Refusal::none;
    bool operator==(const Parsed&) const = default;
};

std::string described(const Head& head) {
    return std::to_string(static_cast<int>(head.method)) + " " + std::string(head.path, head.path_bytes) +
           (head.keep_alive ? " keep" : " close") + (head.is_1_0 ? " 1.0" : "") +
           (head.expects_continue ? " expect" : "");
}

// Feeds a stream cut at `cuts` as a connection does: a partial head is carried over, a body is skipped.
// Every piece is a copy of its own size, so that a sanitizer sees a read beyond it.
Parsed parse_in_pieces(std::string_view stream, const std::vector<std::size_t>& cuts) {
    Parsed parsed;
    std::string carried;
    std::string described_last;
    Body body;
    std::size_t at = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
        const std::size_t end = i < cuts.size() ? cuts[i] : stream.size();
        std::vector<char> piece(stream.begin() + static_cast<long>(at),
                                stream.begin() + static_cast<long>(end));
        at = end;
        std::size_t used = 0;
        while (used < piece.size()) {
            const auto left = static_cast<std::uint32_t>(piece.size() - used);
            if (body.state != Body::State::none) {
                std::uint32_t taken = 0;
                const Progress progress = skip_body(body, piece.data() + used, left, taken);
                used += taken;
                if (progress == Progress::complete) parsed.requests.push_back(described_last);
                if (progress == Progress::refused) {
                    parsed.refusal = body.refusal;
                    return parsed;
                }
                continue;
            }
            const auto seen = static_cast<std::uint32_t>(carried.size());
            carried.append(piece.data() + used, std::min<std::size_t>(left, kHeadBytesMax - seen));
            const std::vector<char> exact(carried.begin(), carried.end());
            Head head;
            const Progress progress =
                parse_head(exact.data(), static_cast<std::uint32_t>(exact.size()), seen, head);
            if (progress == Progress::refused) {
                parsed.refusal = head.refusal;
                return parsed;
            }
            if (progress == Progress::partial) {
                REQUIRE(exact.size() < kHeadBytesMax);
                used = piece.size();
                break;
            }
            REQUIRE(head.bytes > seen);
            REQUIRE(head.bytes <= exact.size());
            used += head.bytes - seen;
            carried.clear();
            described_last = described(head);
            body = body_of(head);
            if (body.state == Body::State::none) parsed.requests.push_back(described_last);
        }
    }
    return parsed;
}

std::vector<std::size_t> every_byte(std::size_t size) {
    std::vector<std::size_t> cuts;
    for (std::size_t i = 1; i < size; ++i) cuts.push_back(i);
    return cuts;
}

constexpr const char* kStreams[] = {
    "GET / HTTP/1.1\r\nHost: x\r\n\r\nHEAD /a?b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "\r\n\r\nPOST /worker HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloGET / "
    "HTTP/1.1\r\nHost:\r\n\r\n",
    "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n"
    "GET http://x/y HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
    "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "GET / HTTP/1.1\nHost: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\rY\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
};

}  // namespace

TEST_CASE("a head's facts") {
    const std::string text =
        "GET /metrics?x HTTP/1.1\r\nhOsT: a:1\r\nContent-Length: 12\r\nConnection: x, close\r\n\r\n";
    Head head;
    REQUIRE(parse_head(text.data(), static_cast<std::uint32_t>(text.size()), 0, head) == Progress::complete);
    CHECK(head.bytes == text.size());
    CHECK(std::string_view(head.path, head.path_bytes) == "/metrics");
    CHECK(head.method == Method::get);
    CHECK(head.content_length == 12);
    CHECK_FALSE(head.keep_alive);
    CHECK_FALSE(head.chunked);
}

TEST_CASE("where a stream is cut makes no difference") {
    for (const char* stream : kStreams) {
        INFO(stream);
        const std::string_view text = stream;
        const Parsed whole = parse_in_pieces(text, {});
        CHECK(parse_in_pieces(text, every_byte(text.size())) == whole);
        for (std::size_t first = 1; first < text.size(); ++first) {
            REQUIRE(parse_in_pieces(text, {first}) == whole);
            for (std::size_t second = first + 1; second < text.size(); second += 7) {
                REQUIRE(parse_in_pieces(text, {first, second}) == whole);
            }
        }
    }
    CHECK(parse_in_pieces(kStreams[0], {}).requests == std::vector<std::string>{"0 / keep", "1 /a keep 1.0"});
    CHECK(parse_in_pieces(kStreams[2], {}).requests == std::vector<std::string>{"3 / keep", "0 /y close"});
}

TEST_CASE("a head is bounded") {
    const std::string longest = "GET / HTTP/1.1\r\nHost: x\r\nX: ";
    for (const std::uint32_t size : {kHeadBytesMax - 1, kHeadBytesMax, kHeadBytesMax + 1}) {
        std::string text = longest;
        text.append(size - text.size() - 4, 'y');
        text += "\r\n\r\n";
        Head head;
        const Progress progress = parse_head(text.data(), size, 0, head);
        CHECK((progress == Progress::complete) == (size <= kHeadBytesMax));
        if (progress == Progress::refused) CHECK(head.refusal == Refusal::head_too_large);
    }
    const std::string target = "GET /" + std::string(kHeadBytesMax, 'y');
    Head head;
    CHECK(parse_head(target.data(), kHeadBytesMax, 0, head) == Progress::refused);
    CHECK(head.refusal == Refusal::uri_too_long);
}

TEST_CASE("a body is bounded") {
    Head head;
    head.chunked = true;
    Body body = body_of(head);
    const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
    int chunks = 0;
    Progress progress = Progress::partial;
    while (progress == Progress::partial && chunks < 100) {
        std::uint32_t used = 0;
        progress = skip_body(body, chunk.data(), static_cast<std::uint32_t>(chunk.size()), used);
        ++chunks;
    }
    CHECK(progress == Progress::refused);
    CHECK(body.refusal == Refusal::content_too_large);
    CHECK(chunks == 17);  // sixteen of 64 KiB are 1 MiB
}

TEST_CASE("mutated streams are parsed alike however they are cut") {
    std::mt19937 random(20240229);
    const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    const std::string bytes("\r\n\0 \t:;,/0aF\x7f\xff", 15);
    int refused = 0;
    for (int round = 0; round < 20000; ++round) {
        std::string text = kStreams[below(std::size(kStreams))];
        for (std::size_t edits = 1 + below(3); edits > 0 && !text.empty(); --edits) {
            const std::size_t at = below(text.size());
            switch (below(3)) {
                case 0:
                    text[at] = bytes[below(bytes.size())];
                    break;
                case 1:
                    text.erase(at, 1 + below(4));
                    break;
                default:
                    text.insert(at, 1, bytes[below(bytes.size())]);
                    break;
            }
        }
        if (text.size() < 2) continue;
        const Parsed whole = parse_in_pieces(text, {});
        INFO(text);
        REQUIRE(parse_in_pieces(text, {1 + below(text.size() - 1)}) == whole);
        if (round % 16 == 0) REQUIRE(parse_in_pieces(text, every_byte(text.size())) == whole);
        if (whole.refusal != Refusal::none) ++refused;
    }
    CHECK(refused > 1000);
}

TEST_CASE("responses fit what is promised") {
    char out[kReplyBytesMax];
    const std::string_view allow = "Allow: GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS\r\n";
    for (int reply = 1; reply <= static_cast<int>(Reply::bad_version); ++reply) {
        for (const Keep keep : {Keep::silent, Keep::announced, Keep::close}) {
            const std::uint32_t size = write_reply(out, static_cast<Reply>(reply), keep, false, allow);
            CHECK(size <= kReplyBytesMax);
            const std::uint32_t head = write_reply(out, static_cast<Reply>(reply), keep, true, allow);
            CHECK(std::string_view(out, head).ends_with("\r\n\r\n"));
            CHECK(head < size);
        }
    }
}

TEST_CASE("the largest head fits, and a body behind it moves up") {
    std::string out(kAnswerHeadBytesMax + 10, '-');
    const std::string type(kTypeBytesMax, 't'), fields(kFieldsBytesMax, 'f');
    out.replace(kAnswerHeadBytesMax, 10, "0123456789");
    const std::string_view body(out.data() + kAnswerHeadBytesMax, 10);
    const std::uint32_t size = write_response(out.data(), {431, type, fields, body}, Keep::announced, false);
    CHECK(size < out.size());
    CHECK(std::string_view(out).substr(0, size).ends_with("\r\n\r\n0123456789"));
}

TEST_CASE("no content, no length") {
    char out[kAnswerHeadBytesMax];
    const std::uint32_t size = write_response(out, {204, "text/plain", {}, {}}, Keep::silent, false);
    CHECK(std::string_view(out, size) == "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST_CASE("a body is kept without its framing, if it fits") {
    Head head;
    head.chunked = true;
    const std::string_view chunks = "3;x\r\nabc\r\n2\r\nde\r\n0\r\nT: u\r\n\r\nmore";
    for (const std::uint32_t size : {5U, 4U}) {
        char kept[5];
        BodyRoom room{kept, size};
        Body body = body_of(head);
        std::uint32_t used = 0;
        REQUIRE(skip_body(body, chunks.data(), static_cast<std::uint32_t>(chunks.size()), used, &room) ==
                Progress::complete);
        CHECK(used == chunks.size() - 4);
        CHECK(room.overflowed == (size == 4));
        if (size == 5) CHECK(std::string_view(kept, room.bytes) == "abcde");
    }
}
