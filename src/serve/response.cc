#include "serve/response.h"

#include <cstring>

#include "serve/metrics.h"

namespace torque::serve {
namespace {

struct Row {
    int status;
    const char* line;    // status code and reason
    const char* fields;  // beyond Content-Length and Connection
    const char* body;    // null: the caller's
};

constexpr char kText[] = "Content-Type: text/plain\r\n";

// In the order of Reply.
constexpr Row kRows[] = {
    {200, "200 OK", kText, nullptr},
    {200, "200 OK", "Content-Type: application/json\r\n", nullptr},
    {200, "200 OK", "Content-Type: text/plain; version=0.0.4\r\n", nullptr},
    {200, "200 OK", "Content-Type: application/json\r\n", nullptr},
    {404, "404 Not Found", kText, "Not Found\n"},
    {405, "405 Method Not Allowed", "Content-Type: text/plain\r\nAllow: GET, HEAD\r\n",
     "Method Not Allowed\n"},
    {400, "400 Bad Request", kText, "Bad Request\n"},
    {413, "413 Content Too Large", kText, "Content Too Large\n"},
    {414, "414 URI Too Long", kText, "URI Too Long\n"},
    {417, "417 Expectation Failed", kText, "Expectation Failed\n"},
    {431, "431 Request Header Fields Too Large", kText, "Request Header Fields Too Large\n"},
    {501, "501 Not Implemented", kText, "Not Implemented\n"},
    {503, "503 Service Unavailable", "Content-Type: text/plain\r\nRetry-After: 1\r\n",
     "Service Unavailable\n"},
    {505, "505 HTTP Version Not Supported", kText, "HTTP Version Not Supported\n"},
};
static_assert(sizeof kRows / sizeof kRows[0] == static_cast<int>(Reply::bad_version) + 1);

char* append(char* out, const char* text) {
    while (*text) *out++ = *text++;
    return out;
}

std::uint32_t length_of(const char* text) {
    std::uint32_t length = 0;
    while (text[length]) ++length;
    return length;
}

}  // namespace

Reply reply_to(Refusal refusal) {
    switch (refusal) {
        case Refusal::content_too_large:
            return Reply::content_too_large;
        case Refusal::uri_too_long:
            return Reply::uri_too_long;
        case Refusal::expectation_failed:
            return Reply::expectation_failed;
        case Refusal::head_too_large:
            return Reply::head_too_large;
        case Refusal::not_implemented:
            return Reply::not_implemented;
        case Refusal::bad_version:
            return Reply::bad_version;
        case Refusal::none:
        case Refusal::bad_request:
            break;
    }
    return Reply::bad_request;
}

int status_of(Reply reply) {
    return kRows[static_cast<int>(reply)].status;
}

std::uint32_t write_reply(char* out, Reply reply, Keep keep, bool head_only, const char* body,
                          std::uint32_t body_bytes) {
    const Row& row = kRows[static_cast<int>(reply)];
    if (row.body) {
        body = row.body;
        body_bytes = length_of(row.body);
    }
    char* at = append(append(append(out, "HTTP/1.1 "), row.line), "\r\n");
    at = append(append(at, row.fields), "Content-Length: ");
    at += write_decimal(at, body_bytes);
    if (keep == Keep::close) at = append(at, "\r\nConnection: close");
    if (keep == Keep::announced) at = append(at, "\r\nConnection: keep-alive");
    at = append(at, "\r\n\r\n");
    if (!head_only) {
        std::memmove(at, body, body_bytes);  // metrics stand in the same buffer
        at += body_bytes;
    }
    return static_cast<std::uint32_t>(at - out);
}

}  // namespace torque::serve
