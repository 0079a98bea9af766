#include "serve/answer.h"

#include <cstring>

namespace torque::serve {
namespace {

// Metrics are larger than a block and have buffers of their own, which the response fills alone.
bool write_metrics_reply(Worker& w, Due& due, Output& out) {
    if (!out.empty()) {
        out.full = true;
        return false;
    }
    for (std::uint32_t i = 0; i < kMetricsBuffers; ++i) {
        if ((w.metrics_busy & 1U << i) != 0) continue;
        w.metrics_busy |= 1U << i;
        char* buffer = w.metrics_buffers + std::uint64_t{i} * w.metrics_buffer_bytes;
        char* body = buffer + kReplyBytesMax;
        const std::uint32_t body_bytes = write_metrics(body, w.config->all_counters, w.config->workers);
        out.bytes = write_reply(buffer, due.reply, due.keep, due.head_only, body, body_bytes);
        out.block = static_cast<std::uint16_t>(kMetricsBlock + i);
        out.full = true;
        return true;
    }
    due.reply = Reply::unavailable;
    return false;
}

// The layout stands ready, head and all, and is sent from where it stands.
bool write_layout_reply(const Worker& w, const Due& due, Output& out) {
    if (!out.empty()) {
        out.full = true;
        return false;
    }
    const MadeReply& made = w.config->layout_replies[static_cast<std::size_t>(due.keep)];
    out.made = made.data;
    out.bytes = due.head_only ? made.head_bytes : made.bytes;
    out.full = true;
    return true;
}

bool path_is(const Head& head, const char* path, std::uint32_t bytes) {
    return head.path_bytes == bytes && std::memcmp(head.path, path, bytes) == 0;
}

struct Resource {
    const char* path;
    std::uint32_t path_bytes;
    Reply reply;
};

constexpr Resource kResources[] = {
    {"/", 1, Reply::ok},
    {"/worker", 7, Reply::worker},
    {"/metrics", 8, Reply::metrics},
    {"/layout", 7, Reply::layout},
};

}  // namespace

Reply route(const Worker& w, const Head& head) {
    if (head.method == Method::unknown) return Reply::not_implemented;
    if (head.path == nullptr || path_is(head, "*", 1)) return Reply::not_allowed;
    const bool allowed = head.method == Method::get || head.method == Method::head;
    for (const Resource& resource : kResources) {
        if (!path_is(head, resource.path, resource.path_bytes)) continue;
        if (resource.reply == Reply::layout && !w.config->layout_replies[0].data) break;
        return allowed ? resource.reply : Reply::not_allowed;
    }
    return Reply::not_found;
}

void count_reply(Worker& w, Reply reply) {
    const int status = status_of(reply);
    Counter& counter = status < 300   ? w.counters->responses_2xx
                       : status < 500 ? w.counters->responses_4xx
                                      : w.counters->responses_5xx;
    counter.add();
}

char* room(Worker& w, Output& out, std::uint32_t bytes) {
    const std::uint32_t used = out.block == kNone ? out.run * w.ok_bytes : out.bytes;
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
        std::memcpy(block_at(w, block), w.ok_page, used);
        out.block = block;
        out.bytes = used;
        out.run = 0;
    }
    return block_at(w, out.block) + out.bytes;
}

bool write_due(Worker& w, Due& due, Output& out) {
    if (due.reply == Reply::ok && due.keep == Keep::silent && !due.head_only && out.block == kNone) {
        if (out.run == kRunMax) {
            out.full = true;
            return false;
        }
        ++out.run;
        return true;
    }
    if (due.reply == Reply::layout) return write_layout_reply(w, due, out);
    if (due.reply == Reply::metrics) {
        const bool written = write_metrics_reply(w, due, out);
        if (written || out.full) return written;
    }
    const bool is_worker = due.reply == Reply::worker;
    const char* body = is_worker ? w.config->worker_json : "OK";
    const std::uint32_t body_bytes = is_worker ? w.config->worker_json_bytes : 2;
    char* at = room(w, out, kReplyBytesMax + body_bytes);
    if (!at) return false;
    out.bytes += write_reply(at, due.reply, due.keep, due.head_only, body, body_bytes);
    return true;
}

const char* output_data(const Worker& w, const Output& out, std::uint32_t& bytes) {
    bytes = out.bytes;
    if (out.made) return out.made;
    if (out.block == kNone) {
        bytes = out.run * w.ok_bytes;
        return w.ok_page;
    }
    if (out.block < kMetricsBlock) return block_at(w, out.block);
    return w.metrics_buffers + static_cast<std::uint64_t>(out.block - kMetricsBlock) * w.metrics_buffer_bytes;
}

void output_release(Worker& w, std::uint16_t& block) {
    if (block != kNone && block >= kMetricsBlock) {
        w.metrics_busy &= ~(1U << (block - kMetricsBlock));
        block = kNone;
    }
    block_give_back(w, block);
}

}  // namespace torque::serve
