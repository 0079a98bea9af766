#include "serve/answer.h"

#include <cstring>

namespace torque::serve {
namespace {

void count(Worker& w, int status) {
    Counter& counter = status < 300   ? w.counters->responses_2xx
                       : status < 400 ? w.counters->responses_3xx
                       : status < 500 ? w.counters->responses_4xx
                                      : w.counters->responses_5xx;
    counter.add();
}

// --- handlers

bool is_large(const RouteEntry& entry) {
    return kAnswerHeadBytesMax + entry.body_bytes_max > kBlockBytes;
}

char* large_at(const Worker& w, std::uint32_t index) {
    return w.large_buffers + std::uint64_t{index} * w.large_buffer_bytes;
}

HttpRequest request_of(const Worker& w, const RouteEntry& entry, const Call& call) {
    const char* at = call.head.text;
    const char* end = at;  // of the method, then of the target, then of the line; all of them are there
    HttpRequest request;
    while (*end != ' ') ++end;
    request.method = {at, static_cast<std::size_t>(end - at)};
    at = ++end;
    while (*end != ' ') ++end;
    request.target = {at, static_cast<std::size_t>(end - at)};
    request.path = {call.head.path, call.head.path_bytes};
    std::size_t mark = 0;
    while (mark < request.target.size() && request.target[mark] != '?') ++mark;
    if (mark < request.target.size()) request.query = {at + mark + 1, request.target.size() - mark - 1};
    while (*end != '\n') ++end;
    const char* fields = end + 1;
    const char* head_end = call.head.text + call.head.text_bytes - 2;  // of the empty line
    request.fields = {fields, static_cast<std::size_t>(head_end - fields)};
    request.body = call.body;
    request.context = entry.context;
    request.worker = static_cast<int>(w.config->id);
    request.cpu = CpuId{w.config->cpu};
    request.node = w.config->node;
    request.config = w.config;
    return request;
}

bool is_sound(const HttpResponse& response) {
    const bool has_content = response.status != 204 && response.status != 304;
    return !response.failed && response.status >= 200 && response.status <= 599 &&
           response.body_bytes <= response.room.size() &&
           response.field_bytes <= response.field_room.size() && (has_content || response.body_bytes == 0) &&
           response.content_type.size() <= kTypeBytesMax && is_field_value(response.content_type);
}

// Calls the handler, whose body goes behind the room for a head at `at`. Returns the response's bytes.
std::uint32_t write_called(Worker& w, Due& due, const RouteEntry& entry, const Call& call, char* at) {
    char fields[kFieldsBytesMax];
    const HttpRequest request = request_of(w, entry, call);
    HttpResponse response;
    response.room = {at + kAnswerHeadBytesMax, entry.body_bytes_max};
    response.field_room = fields;
    entry.handler(request, response);
    if (!is_sound(response)) {
        w.counters->handler_failures.add();
        due.reply = Reply::failed;
        count(w, status_of(due.reply));
        return write_reply(at, due.reply, due.keep, due.head_only, {});
    }
    count(w, response.status);
    return write_response(at,
                          {response.status,
                           response.content_type,
                           {fields, response.field_bytes},
                           {at + kAnswerHeadBytesMax, response.body_bytes}},
                          due.keep, due.head_only);
}

// A large response has a buffer of its own, and is sent alone. False: all are under way.
bool write_large(Worker& w, Due& due, const RouteEntry& entry, const Call& call, Output& out) {
    for (std::uint32_t i = 0; i < kLargeBuffers; ++i) {
        if ((w.large_busy & 1U << i) != 0) continue;
        w.large_busy |= 1U << i;
        out.bytes = write_called(w, due, entry, call, large_at(w, i));
        out.block = static_cast<std::uint16_t>(kLargeBlock + i);
        out.full = true;
        return true;
    }
    due.reply = Reply::unavailable;
    return false;
}

// --- ready responses

bool write_run(const RouteEntry& entry, const Due& due, Output& out) {
    if (out.run == entry.run_max) {
        out.full = true;
        return false;
    }
    out.run_route = due.route;
    ++out.run;
    return true;
}

// Copied behind what is there, or sent from where it stands if it is too large for that.
bool write_ready(Worker& w, const RouteEntry& entry, const Due& due, Output& out) {
    const MadeReply& made = entry.ready[static_cast<std::size_t>(due.keep)];
    const std::uint32_t bytes = due.head_only ? made.head_bytes : made.bytes;
    if (bytes <= kBlockBytes) {
        char* at = room(w, out, bytes);
        if (!at) return false;
        std::memcpy(at, made.data, bytes);
        out.bytes += bytes;
        return true;
    }
    if (!out.empty()) {
        out.full = true;
        return false;
    }
    out.made = made.data;
    out.bytes = bytes;
    out.full = true;
    return true;
}

bool path_fits(const Head& head, const RouteEntry& entry) {
    const std::size_t bytes = entry.path.size();
    const bool fits = entry.is_prefix ? head.path_bytes >= bytes : head.path_bytes == bytes;
    return fits && std::memcmp(head.path, entry.path.data(), bytes) == 0;
}

constexpr unsigned kMethodBits[] = {kGet, kGet, kPost, kPut, kDelete, kPatch, kOptions, 0, 0, 0};
static_assert(sizeof kMethodBits / sizeof kMethodBits[0] == static_cast<std::size_t>(Method::unknown) + 1);

}  // namespace

void route(const Worker& w, const Head& head, Due& due) {
    due.route = kNone;
    due.reply = Reply::not_implemented;
    if (head.method == Method::unknown) return;
    due.reply = Reply::not_allowed;
    if (head.path == nullptr || (head.path_bytes == 1 && *head.path == '*')) return;
    const RouteTable& routes = w.config->routes;
    for (std::uint32_t i = 0; i < routes.count; ++i) {
        if (!path_fits(head, routes.entries[i])) continue;
        due.route = static_cast<std::uint16_t>(i);
        const unsigned bit = kMethodBits[static_cast<std::size_t>(head.method)];
        if ((routes.entries[i].methods & bit) != 0) due.reply = Reply::routed;
        return;
    }
    due.reply = Reply::not_found;
}

bool has_room(Worker& w, const RouteEntry& entry, Output& out) {
    if (!is_large(entry)) return room(w, out, kAnswerHeadBytesMax + entry.body_bytes_max) != nullptr;
    if (!out.empty()) out.full = true;
    return out.empty();
}

char* room(Worker& w, Output& out, std::uint32_t bytes) {
    const std::uint32_t used = out.block != kNone ? out.bytes
                               : out.run != 0     ? out.run * w.run_pages[out.run_route].bytes
                                                  : 0;
    if (used + bytes > kBlockBytes || out.made) {
        out.full = true;
        return nullptr;
    }
    if (out.block == kNone) {
        const std::uint16_t block = block_take(w);
        if (block == kNone) {
            (out.run == 0 ? out.failed : out.full) = true;
            return nullptr;
        }
        if (out.run != 0) std::memcpy(block_at(w, block), w.run_pages[out.run_route].data, used);
        out.block = block;
        out.bytes = used;
        out.run = 0;
    }
    return block_at(w, out.block) + out.bytes;
}

bool write_due(Worker& w, Due& due, const Call* call, Output& out) {
    if (due.reply == Reply::routed) {
        const RouteEntry& entry = w.config->routes.entries[due.route];
        const bool runs = entry.run_max != 0 && due.keep == Keep::silent && !due.head_only &&
                          out.block == kNone && (out.run == 0 || out.run_route == due.route);
        if (!entry.handler) {
            const bool written = runs ? write_run(entry, due, out) : write_ready(w, entry, due, out);
            if (written) w.counters->responses_2xx.add();
            return written;
        }
        if (!has_room(w, entry, out)) return false;
        if (is_large(entry)) {
            if (write_large(w, due, entry, *call, out)) return true;
        } else {
            out.bytes += write_called(w, due, entry, *call, block_at(w, out.block) + out.bytes);
            return true;
        }
    }
    char* at = room(w, out, kReplyBytesMax);
    if (!at) return false;
    const RouteTable& routes = w.config->routes;
    const std::string_view allow = due.route == kNone ? routes.allow : routes.entries[due.route].allow;
    out.bytes += write_reply(at, due.reply, due.keep, due.head_only, allow);
    count(w, status_of(due.reply));
    return true;
}

const char* output_data(const Worker& w, const Output& out, std::uint32_t& bytes) {
    bytes = out.bytes;
    if (out.made) return out.made;
    if (out.block == kNone) {
        const RunPage& page = w.run_pages[out.run_route];
        bytes = out.run * page.bytes;
        return page.data;
    }
    return out.block < kLargeBlock ? block_at(w, out.block) : large_at(w, out.block - kLargeBlock);
}

void output_release(Worker& w, std::uint16_t& block) {
    if (block != kNone && block >= kLargeBlock) {
        w.large_busy &= ~(1U << (block - kLargeBlock));
        block = kNone;
    }
    block_give_back(w, block);
}

}  // namespace torque::serve
