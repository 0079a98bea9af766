#include "serve/response.h"

#include <cstring>

#include "serve/metrics.h"

namespace torque::serve {
namespace {

struct Row {
    int status;
    std::string_view body;
    std::string_view fields = {};
};

// In the order of Reply.
constexpr Row kRows[] = {
    {200, ""},
    {404, "Not Found\n"},
    {405, "Method Not Allowed\n"},
    {400, "Bad Request\n"},
    {413, "Content Too Large\n"},
    {414, "URI Too Long\n"},
    {417, "Expectation Failed\n"},
    {431, "Request Header Fields Too Large\n"},
    {500, "Internal Server Error\n"},
    {501, "Not Implemented\n"},
    {503, "Service Unavailable\n", "Retry-After: 1\r\n"},
    {505, "HTTP Version Not Supported\n"},
};
static_assert(sizeof kRows / sizeof kRows[0] == static_cast<int>(Reply::bad_version) + 1);

struct Reason {
    int status;
    std::string_view text;
};

// RFC 9110 section 15, RFC 6585.
constexpr Reason kReasons[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

std::string_view reason_of(int status) {
    for (const Reason& reason : kReasons) {
        if (reason.status == status) return reason.text;
    }
    return "Other";
}

char* append(char* out, std::string_view text) {
    if (!text.empty()) std::memcpy(out, text.data(), text.size());
    return out + text.size();
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

std::uint32_t write_response(char* out, const Content& content, Keep keep, bool head_only) {
    char* at = append(out, "HTTP/1.1 ");
    at += write_decimal(at, static_cast<std::uint64_t>(content.status));
    at = append(append(at, " "), reason_of(content.status));
    // RFC 9110 sections 8.6 and 15.4.5: neither has content, and a length would be another response's.
    if (content.status != 204 && content.status != 304) {
        at = append(append(append(at, "\r\nContent-Type: "), content.type), "\r\nContent-Length: ");
        at += write_decimal(at, content.body.size());
    }
    at = append(append(at, "\r\n"), content.fields);
    if (keep == Keep::close) at = append(at, "Connection: close\r\n");
    if (keep == Keep::announced) at = append(at, "Connection: keep-alive\r\n");
    at = append(at, "\r\n");
    if (!head_only && !content.body.empty()) {
        std::memmove(at, content.body.data(), content.body.size());
        at += content.body.size();
    }
    return static_cast<std::uint32_t>(at - out);
}

std::uint32_t write_reply(char* out, Reply reply, Keep keep, bool head_only, std::string_view allow) {
    const Row& row = kRows[static_cast<int>(reply)];
    const std::string_view fields = reply == Reply::not_allowed ? allow : row.fields;
    return write_response(out, {row.status, "text/plain", fields, row.body}, keep, head_only);
}

}  // namespace torque::serve
