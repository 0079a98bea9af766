// Handler: a plain function that answers requests inside of a server's workers, and the routes to it.
//
// A handler runs on a worker's thread, and all clients of that worker wait until it returns. On x86-64 that
// thread is made by raw clone(2) and has no thread state of its own: %fs, and with it everything that libc
// and libstdc++ keep for a thread, is that of the thread that called Server::start(), which therefore has to
// live as long as the server. So a handler
//
//   may      read the request, write the response, use what `context` points to and atomics (other workers
//            call it at the same time), memcpy() and its like, std::string_view, std::span, std::to_chars()
//            of integers, and system calls that it makes by itself and that do not block; it has 32 KiB of
//            stack
//   may not  allocate or free (malloc, new, std::string: their caches are per thread), throw, use
//            thread_local, errno or a libc function that sets it (all wrappers of system calls, syscall(2)
//            too), stdio, locales (printf, strtod, isalpha), pthread locks, static variables in functions
//            that are initialised at run time, or descriptors of the main program: a worker has a table of
//            its own. Signals are blocked.
//
// What of this a compiler can break by itself is held off by flags: link the handler's file with the target
// torque_handler_flags. tests/serve/worker_symbols.py says what an object file needs that it should not.
// Elsewhere than on x86-64, and with TORQUE_WORKER_PTHREAD, workers are pthreads, and the same rules keep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "torque/ids.h"

namespace torque {

namespace serve {
struct WorkerConfig;
}

// A request as it came, whole. All views are good until the handler returns.
struct HttpRequest {
    std::string_view method;  // "GET"; a HEAD comes where GET is allowed, and its body is left out afterwards
    std::string_view target;  // as it was sent
    std::string_view path;    // of the target: no query, percent codes as they are; "/" where there is none
    std::string_view query;   // behind '?'
    std::string_view fields;  // of the header, each line with its CRLF: see next_field()
    std::string_view body;    // without the framing of chunks; head and body have 8,192 bytes together
    void* context = nullptr;  // of the route
    int worker = 0;           // that answers
    CpuId cpu;
    std::optional<NodeId> node;
    const serve::WorkerConfig* config = nullptr;  // for answer_metrics()
};

struct Field {
    std::string_view name, value;  // the value without spaces around it
};
// Takes the field at the front of `rest` off; false: there is none left.
bool next_field(std::string_view& rest, Field& field);
// The value of the first field of that name, in whatever case.
std::optional<std::string_view> find_field(std::string_view fields, std::string_view name);

// What is to be answered; the server adds the framing. Instead of a response that failed, or that HTTP does
// not allow, the client gets 500 and keeps its connection; torque_handler_failures_total counts.
struct HttpResponse {
    int status = 200;                              // 200 to 599; 204 and 304 have no body
    std::string_view content_type = "text/plain";  // outlives the call: a literal, as a rule
    std::span<char> room;                          // for the body: Route::body_bytes_max
    std::size_t body_bytes = 0;                    // that are written there
    std::span<char> field_room;                    // for more fields: 512 bytes of "Name: value\r\n"
    std::size_t field_bytes = 0;
    bool failed = false;
};
// Add to the body, or a field of one's own to the header. What does not fit, a name that is no token, a value
// with control bytes, and the fields of the framing (Content-Length, Content-Type, Transfer-Encoding,
// Connection) make the response fail.
void append(HttpResponse& response, std::string_view text);
void append(HttpResponse& response, std::uint64_t number);
void add_field(HttpResponse& response, std::string_view name, std::string_view value);

using Handler = void(const HttpRequest& request, HttpResponse& response) noexcept;

// Which worker answers, as JSON.
Handler answer_worker;
// Prometheus text over all workers of the server; metrics_bytes_max() is the room it needs.
Handler answer_metrics;
std::uint32_t metrics_bytes_max(std::size_t workers);

// Methods of a route, to be or-ed.
inline constexpr unsigned kGet = 1;  // and HEAD
inline constexpr unsigned kPost = 2;
inline constexpr unsigned kPut = 4;
inline constexpr unsigned kDelete = 8;
inline constexpr unsigned kPatch = 16;
inline constexpr unsigned kOptions = 32;

// A path and what answers there: a handler, or a text that is ready from the start and costs least.
struct Route {
    std::string path;  // "/worker"; with a '*' at its end all paths that begin so; 1,024 bytes at most
    Handler* handler = nullptr;               // null: `body`, for GET only
    std::string body;                         // at most 64 MiB
    std::string content_type = "text/plain";  // of `body`; 128 bytes at most
    unsigned methods = kGet;                  // other ones are answered 405
    std::uint32_t body_bytes_max = 1024;      // of a handler's response, 16 MiB at most. Up to 7,168 bytes
                                              // responses are sent together; of larger ones a worker has
                                              // four under way, further ones are answered 503
    void* context = nullptr;                  // outlives the server
};

}  // namespace torque
