#include "serve/metrics.h"

#include <cstring>

namespace torque::serve {
namespace {

struct Row {
    const char* name;
    const char* kind;
    const char* help;
    Counter Counters::*counter;
    const char* label;  // beside worker="N"
};

// Rows of one name stand together: the format wants them in one group.
constexpr Row kRows[] = {
    {"torque_requests_total", "counter", "Requests read whole.", &Counters::requests, ""},
    {"torque_responses_total", "counter", "Responses by class.", &Counters::responses_2xx, ",class=\"2xx\""},
    {"torque_responses_total", nullptr, nullptr, &Counters::responses_3xx, ",class=\"3xx\""},
    {"torque_responses_total", nullptr, nullptr, &Counters::responses_4xx, ",class=\"4xx\""},
    {"torque_responses_total", nullptr, nullptr, &Counters::responses_5xx, ",class=\"5xx\""},
    {"torque_connections_accepted_total", "counter", "Connections accepted.", &Counters::accepted, ""},
    {"torque_connections_open", "gauge", "Connections open now.", &Counters::open, ""},
    {"torque_connections_refused_total", "counter", "Connections closed because the table was full.",
     &Counters::refused, ""},
    {"torque_connections_idle_closed_total", "counter", "Connections closed by the idle sweep.",
     &Counters::idle_closed, ""},
    {"torque_connections_overrun_closed_total", "counter", "Connections closed that sent on without reading.",
     &Counters::overrun_closed, ""},
    {"torque_partial_sends_total", "counter", "Sends that found the socket buffer full.",
     &Counters::partial_sends, ""},
    {"torque_receive_no_buffers_total", "counter", "Receives that found no free buffer.",
     &Counters::no_buffers, ""},
    {"torque_cq_overflows_total", "counter", "Times the completion queue overflowed.",
     &Counters::cq_overflows, ""},
    {"torque_handler_failures_total", "counter", "Requests whose handler failed: 500.",
     &Counters::handler_failures, ""},
    {"torque_loops_total", "counter", "io_uring_enter calls.", &Counters::loops, ""},
    {"torque_cpu_offline_total", "counter", "Times the worker's CPU went offline.", &Counters::cpu_offline,
     ""},
};

constexpr std::uint32_t kLineBytesMax = 160;

char* append(char* out, const char* text) {
    while (*text) *out++ = *text++;
    return out;
}

}  // namespace

std::uint32_t write_decimal(char* out, std::uint64_t value) {
    char digits[20];
    std::uint32_t count = 0;
    do {
        digits[count++] = static_cast<char>('0' + value % 10);
        value /= 10;
    } while (value != 0);
    for (std::uint32_t i = 0; i < count; ++i) out[i] = digits[count - 1 - i];
    return count;
}

std::uint32_t metrics_bytes_max(std::uint32_t workers) {
    constexpr std::uint32_t kRowCount = sizeof kRows / sizeof kRows[0];
    return kRowCount * (workers + 2) * kLineBytesMax;
}

std::uint32_t write_metrics(char* out, const Counters* const* all, std::uint32_t workers) {
    char* at = out;
    for (const Row& row : kRows) {
        if (row.kind) {
            at = append(append(append(append(at, "# HELP "), row.name), " "), row.help);
            at = append(append(append(append(append(at, "\n# TYPE "), row.name), " "), row.kind), "\n");
        }
        for (std::uint32_t i = 0; i < workers; ++i) {
            at = append(append(at, row.name), "{worker=\"");
            at += write_decimal(at, i);
            at = append(append(append(at, "\""), row.label), "} ");
            at += write_decimal(at, (all[i]->*row.counter).get());
            at = append(at, "\n");
        }
    }
    return static_cast<std::uint32_t>(at - out);
}

}  // namespace torque::serve
