// Handlers as a program of one's own would have them: on a worker's thread, so without anything that needs
// libc's thread state. A file of their own, for the flags of torque_handler_flags.
#include "handlers.h"

#include <cstring>

using torque::HttpRequest;
using torque::HttpResponse;

namespace {

std::uint64_t number_of(std::string_view digits) {
    std::uint64_t number = 0;
    for (const char c : digits) {
        if (c >= '0' && c <= '9' && number < 100'000'000)
            number = number * 10 + static_cast<unsigned>(c - '0');
    }
    return number;
}

}  // namespace

// All that came, one thing a line.
void answer_echo(const HttpRequest& request, HttpResponse& response) noexcept {
    for (const std::string_view text :
         {request.method, request.target, request.path, request.query,
          torque::find_field(request.fields, "x-mark").value_or("-"), request.body}) {
        append(response, text);
        append(response, "\n");
    }
    std::uint64_t fields = 0;
    std::string_view rest = request.fields;
    for (torque::Field field; torque::next_field(rest, field);) ++fields;
    append(response, fields);
    add_field(response, "X-Worker", request.worker == 0 ? "first" : "other");
}

void answer_visits(const HttpRequest& request, HttpResponse& response) noexcept {
    append(response, static_cast<Shared*>(request.context)->visits.fetch_add(1) + 1);
}

// As many lines as the query says, until there is no room.
void answer_lines(const HttpRequest& request, HttpResponse& response) noexcept {
    for (std::uint64_t i = 0; i < number_of(request.query) && !response.failed; ++i)
        append(response, "a line\n");
}

// What the query says, good or bad.
void answer_status(const HttpRequest& request, HttpResponse& response) noexcept {
    response.status = static_cast<int>(number_of(request.query));
    if (response.status == 302) add_field(response, "Location", "/visits");
    if (response.status == 600) response.status = 200, response.content_type = "text/plain\r\nX: injected";
    if (response.status == 601) response.status = 200, add_field(response, "X", "a\r\nY: injected");
    if (response.status == 602) response.status = 200, add_field(response, "content-length", "1");
    if (response.status == 603) response.status = 200, response.body_bytes = response.room.size() + 1;
    if (response.status == 604) response.status = 204, append(response, "x");
    if (response.status == 605) response.status = 200, response.failed = true;
    if (response.status == 606) {
        response.status = 200;
        for (int i = 0; i < 20; ++i)
            add_field(response, "X-Long", "0123456789012345678901234567890123456789");
    }
}

// The stack that is promised.
void answer_deep(const HttpRequest& request, HttpResponse& response) noexcept {
    volatile char stack[32 * 1024 - 256];
    for (std::size_t i = 0; i < sizeof stack; i += 64) stack[i] = static_cast<char>(request.path.size());
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < sizeof stack; i += 64) sum += static_cast<unsigned char>(stack[i]);
    append(response, sum);
}
