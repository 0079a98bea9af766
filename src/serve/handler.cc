// What handlers use, and torque-serve's own. All of it runs in workers: no thread state, see
// torque/handler.h.
#include "torque/handler.h"

#include <cstring>

#include "serve/http.h"
#include "serve/metrics.h"
#include "serve/worker.h"

namespace torque {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

bool is_space(char c) {
    return c == ' ' || c == '\t';
}

// Adds to `room`, or makes the response fail.
void put(HttpResponse& response, std::span<char> room, std::size_t& used, std::string_view text) {
    if (used > room.size() || text.size() > room.size() - used) {
        response.failed = true;
        return;
    }
    if (!text.empty()) std::memcpy(room.data() + used, text.data(), text.size());
    used += text.size();
}

constexpr std::string_view kFramingFields[] = {"content-length", "content-type", "transfer-encoding",
                                               "connection"};

}  // namespace

bool next_field(std::string_view& rest, Field& field) {
    std::size_t end = 0;
    while (end < rest.size() && rest[end] != '\r') ++end;
    std::size_t colon = 0;
    while (colon < end && rest[colon] != ':') ++colon;
    if (colon == end) return false;
    field.name = {rest.data(), colon};
    std::size_t first = colon + 1, last = end;
    while (first < last && is_space(rest[first])) ++first;
    while (last > first && is_space(rest[last - 1])) --last;
    field.value = {rest.data() + first, last - first};
    rest.remove_prefix(end + 2 < rest.size() ? end + 2 : rest.size());
    return true;
}

std::optional<std::string_view> find_field(std::string_view fields, std::string_view name) {
    for (Field field; next_field(fields, field);) {
        if (equals_ignoring_case(field.name, name)) return field.value;
    }
    return std::nullopt;
}

void append(HttpResponse& response, std::string_view text) {
    put(response, response.room, response.body_bytes, text);
}

void append(HttpResponse& response, std::uint64_t number) {
    char digits[20];
    append(response, std::string_view(digits, serve::write_decimal(digits, number)));
}

void add_field(HttpResponse& response, std::string_view name, std::string_view value) {
    for (const std::string_view framing : kFramingFields) {
        if (equals_ignoring_case(name, framing)) response.failed = true;
    }
    if (!serve::is_token(name) || !serve::is_field_value(value)) response.failed = true;
    if (response.failed) return;
    for (const std::string_view part : {name, std::string_view(": "), value, std::string_view("\r\n")})
        put(response, response.field_room, response.field_bytes, part);
}

void answer_worker(const HttpRequest& request, HttpResponse& response) noexcept {
    response.content_type = "application/json";
    append(response, "{\"worker\":");
    append(response, static_cast<std::uint64_t>(request.worker));
    append(response, ",\"cpu\":");
    append(response, static_cast<std::uint64_t>(request.cpu.value));
    append(response, ",\"node\":");
    request.node ? append(response, static_cast<std::uint64_t>(request.node->value))
                 : append(response, "null");
    append(response, "}\n");
}

void answer_metrics(const HttpRequest& request, HttpResponse& response) noexcept {
    const serve::WorkerConfig& config = *request.config;
    response.content_type = "text/plain; version=0.0.4";
    response.failed = response.room.size() < serve::metrics_bytes_max(config.workers);
    if (response.failed) return;
    response.body_bytes = serve::write_metrics(response.room.data(), config.all_counters, config.workers);
}

std::uint32_t metrics_bytes_max(std::size_t workers) {
    return serve::metrics_bytes_max(static_cast<std::uint32_t>(workers));
}

}  // namespace torque
