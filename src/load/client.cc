#include "load/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/format.h"
#include "load/reply_reader.h"
#include "sys/confine.h"

namespace torque::load {
namespace {

using serve::BufferEntry;
using serve::Completion;
using serve::Op;
using serve::Submission;

constexpr std::uint32_t kBufferBytes = 4096;
constexpr std::uint32_t kBuffersMin = 256, kBuffersMax = 8192;
constexpr std::int64_t kTickNs = 10'000'000;  // for ends, and for connections that failed
constexpr std::uint32_t kBatch = 16;          // as the server's: under load, fewer and larger loops
constexpr std::uint32_t kBatchWaitUs = 20;

enum class Event : std::uint8_t { connect, receive, send, cancel, tick, due };

std::uint64_t event_data(Event event, std::uint32_t slot, std::uint32_t generation) {
    return std::uint64_t{generation} << 40 | std::uint64_t{slot} << 8 | static_cast<std::uint64_t>(event);
}

std::int64_t now_ns() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

struct Mapping {
    void* base = MAP_FAILED;
    std::size_t bytes = 0;
    Mapping() = default;
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping() {
        if (base != MAP_FAILED) ::munmap(base, bytes);
    }
};

struct Connection {
    ReplyReader reader;
    std::uint32_t generation = 0;  // tells completions of an earlier socket in this slot
    std::uint32_t under_way = 0;   // requests sent and not answered
    std::uint32_t first_sent = 0;  // index into its times of the oldest of them
    std::uint64_t asked = 0;       // requests sent since the start, for the schedule
    bool is_open = false, is_connecting = false;
};

class Client {
  public:
    Client(const ClientPlan& plan, const std::atomic<bool>& stop) : plan_(plan), stop_(stop) {}
    ~Client() { serve::ring_close(ring_); }  // before the buffers that it knows go away
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    Result<void> start();
    Result<Outcome> run();

  private:
    Submission& next_entry();
    void enter(std::uint32_t wait_count, std::uint32_t min_wait_us);
    void open_connection(std::uint32_t slot);
    void drop(std::uint32_t slot);
    void arm_receive(std::uint32_t slot);
    void arm_timeout(Event event, serve::KernelTime& time, std::int64_t ns);
    void ask(std::uint32_t slot, std::uint32_t count);
    void ask_what_is_due(std::uint32_t slot);
    void follow_schedule();
    void on_completion(const Completion& completion);
    void on_connect(std::uint32_t slot, int result);
    void on_receive(std::uint32_t slot, const Completion& completion);
    void on_bytes(std::uint32_t slot, std::string_view bytes);
    void on_answers(std::uint32_t slot, std::uint32_t count);
    void give_back(std::uint16_t id);

    bool is_paced() const { return plan_.rate_per_s > 0; }
    bool counts() const { return now_ >= counts_from_ && now_ < ends_at_; }
    // When request `k` of a connection is due: they take turns.
    std::int64_t due_ns(std::uint32_t slot, std::uint64_t k) const {
        return started_ +
               static_cast<std::int64_t>(
                   (static_cast<double>(slot) + static_cast<double>(k) * plan_.connections) * interval_ns_);
    }

    const ClientPlan& plan_;
    const std::atomic<bool>& stop_;
    serve::Ring ring_;
    Mapping buffer_ring_, buffers_;
    std::uint32_t buffer_count_ = 0;
    std::uint16_t buffer_tail_ = 0;
    std::vector<Connection> connections_;
    std::vector<std::int64_t> sent_at_;  // depth of them for each connection
    std::string requests_;               // depth times the request: a run of n is its first n
    Expectation expected_;
    serve::KernelTime tick_time_{}, due_time_{};
    bool due_armed_ = false;
    std::uint64_t turn_ = 0;  // of the schedule
    double interval_ns_ = 0;
    std::int64_t now_ = 0, started_ = 0, counts_from_ = 0, ends_at_ = 0;
    std::uint64_t answered_ = 0;  // ever
    int first_error_ = 0;
    Outcome outcome_;
};

Result<void> map(Mapping& mapping, std::size_t bytes) {
    mapping.bytes = bytes;
    mapping.base =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (mapping.base == MAP_FAILED)
        return fail(formatted("no memory for the buffers: {}", std::strerror(errno)));
    return {};
}

Result<void> Client::start() {
    if (plan_.cpu) {
        const auto confined = confine({CpuSet{*plan_.cpu}, {}});
        if (!confined) return tl::unexpected<Error>(confined.error());
    }
    if (const int error = serve::ring_open(ring_, plan_.ring); error < 0) {
        return fail(formatted("cannot set up io_uring: {}", std::strerror(-error)), {},
                    "torque-serve --features says what the kernel has");
    }
    serve::ring_register_self(ring_);
    if (const int error = serve::ring_register_files(ring_, plan_.connections); error < 0) {
        return fail(formatted("cannot have {} connections: {}", plan_.connections, std::strerror(-error)), {},
                    "raise the limit of open files (ulimit -n), or ask for fewer with --connections");
    }
    buffer_count_ = std::clamp(std::bit_ceil(plan_.connections * 2), kBuffersMin, kBuffersMax);
    if (auto mapped = map(buffer_ring_, buffer_count_ * sizeof(BufferEntry)); !mapped) return mapped;
    if (auto mapped = map(buffers_, std::size_t{buffer_count_} * kBufferBytes); !mapped) return mapped;
    const int error =
        serve::ring_register_buffers(ring_, static_cast<BufferEntry*>(buffer_ring_.base), buffer_count_);
    if (error < 0) return fail(formatted("cannot register buffers: {}", std::strerror(-error)));
    for (std::uint32_t id = 0; id < buffer_count_; ++id) give_back(static_cast<std::uint16_t>(id));
    connections_.resize(plan_.connections);
    sent_at_.resize(std::size_t{plan_.connections} * plan_.depth);
    for (std::uint32_t i = 0; i < plan_.depth; ++i) requests_ += plan_.request;
    expected_.has_body = plan_.expected_body.has_value();
    expected_.body = plan_.expected_body.value_or("");
    return {};
}

void Client::give_back(std::uint16_t id) {
    BufferEntry& entry = static_cast<BufferEntry*>(buffer_ring_.base)[buffer_tail_ & (buffer_count_ - 1)];
    entry.address = reinterpret_cast<std::uint64_t>(buffers_.base) + std::uint64_t{id} * kBufferBytes;
    entry.size_bytes = kBufferBytes;
    entry.id = id;
    ++buffer_tail_;
}

void Client::enter(std::uint32_t wait_count, std::uint32_t min_wait_us) {
    __atomic_store_n(&static_cast<BufferEntry*>(buffer_ring_.base)[0].tail, buffer_tail_, __ATOMIC_RELEASE);
    const int result = serve::ring_enter(ring_, wait_count, min_wait_us);
    const bool is_passing =
        result >= 0 || result == -EINTR || result == -EBUSY || result == -EAGAIN || result == -ETIME;
    if (!is_passing && first_error_ == 0) first_error_ = result;
}

Submission& Client::next_entry() {
    Submission* entry = serve::ring_next(ring_);
    while (entry == nullptr) {
        enter(0, 0);
        entry = serve::ring_next(ring_);
    }
    *entry = Submission{};
    return *entry;
}

void Client::open_connection(std::uint32_t slot) {
    Connection& c = connections_[slot];
    const Fd fd(::socket(plan_.server.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int one = 1;
    if (fd) ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (!fd || serve::ring_put_file(ring_, slot, fd.get()) < 0) {
        ++outcome_.connect_errors;  // tried again with the next tick
        return;
    }
    c.is_connecting = true;
    Submission& entry = next_entry();
    entry.opcode = static_cast<std::uint8_t>(Op::connect);
    entry.flags = serve::kSqeFixedFile;
    entry.fd = static_cast<std::int32_t>(slot);
    entry.addr = reinterpret_cast<std::uint64_t>(&plan_.server.storage);
    entry.offset = plan_.server.size_bytes;
    entry.user_data = event_data(Event::connect, slot, c.generation);
}

// The socket goes with its place in the table; what still completes for it is told by the generation.
void Client::drop(std::uint32_t slot) {
    Connection& c = connections_[slot];
    Submission& entry = next_entry();  // an armed receive would keep the socket open
    entry.opcode = static_cast<std::uint8_t>(Op::cancel);
    entry.flags = serve::kSqeSkipSuccess;
    entry.addr = event_data(Event::receive, slot, c.generation);
    entry.user_data = event_data(Event::cancel, slot, c.generation);
    serve::ring_put_file(ring_, slot, -1);
    c.generation = (c.generation + 1) & 0xff'ffff;
    c.is_open = c.is_connecting = false;
    c.under_way = 0;
    c.reader.reset();
    open_connection(slot);
}

void Client::arm_receive(std::uint32_t slot) {
    Submission& entry = next_entry();
    entry.opcode = static_cast<std::uint8_t>(Op::recv);
    entry.flags = serve::kSqeFixedFile | serve::kSqeBufferSelect;
    entry.ioprio = serve::kRecvMultishot;
    entry.fd = static_cast<std::int32_t>(slot);
    entry.user_data = event_data(Event::receive, slot, connections_[slot].generation);
}

void Client::arm_timeout(Event event, serve::KernelTime& time, std::int64_t ns) {
    time = {ns / 1'000'000'000, ns % 1'000'000'000};
    Submission& entry = next_entry();
    entry.opcode = static_cast<std::uint8_t>(Op::timeout);
    entry.addr = reinterpret_cast<std::uint64_t>(&time);
    entry.len = 1;
    entry.user_data = event_data(event, 0, 0);
}

void Client::ask(std::uint32_t slot, std::uint32_t count) {
    if (count == 0) return;
    Connection& c = connections_[slot];
    for (std::uint32_t i = 0; i < count; ++i) {
        const std::uint32_t at = (c.first_sent + c.under_way++) % plan_.depth;
        sent_at_[std::size_t{slot} * plan_.depth + at] = is_paced() ? due_ns(slot, c.asked) : now_;
        ++c.asked;
    }
    Submission& entry = next_entry();
    entry.opcode = static_cast<std::uint8_t>(Op::send);
    entry.flags = serve::kSqeFixedFile | serve::kSqeSkipSuccess;
    entry.fd = static_cast<std::int32_t>(slot);
    entry.addr = reinterpret_cast<std::uint64_t>(requests_.data());
    entry.len = static_cast<std::uint32_t>(count * plan_.request.size());
    entry.msg_flags = MSG_WAITALL | MSG_NOSIGNAL;
    entry.user_data = event_data(Event::send, slot, c.generation);
}

void Client::ask_what_is_due(std::uint32_t slot) {
    Connection& c = connections_[slot];
    if (!c.is_open) return;
    const std::uint32_t room = plan_.depth - c.under_way;
    if (!is_paced()) return ask(slot, room);
    std::uint32_t due = 0;
    while (due < room && due_ns(slot, c.asked + due) <= now_) ++due;
    ask(slot, due);
}

// Wakes each connection whose turn has come; one that is still busy catches up when it was answered.
void Client::follow_schedule() {
    const auto turn_ns = [this] {
        return started_ + static_cast<std::int64_t>(static_cast<double>(turn_) * interval_ns_);
    };
    for (; turn_ns() <= now_; ++turn_) ask_what_is_due(static_cast<std::uint32_t>(turn_ % plan_.connections));
    if (due_armed_) return;
    due_armed_ = true;
    arm_timeout(Event::due, due_time_, std::max<std::int64_t>(turn_ns() - now_, 1));
}

void Client::on_connect(std::uint32_t slot, int result) {
    Connection& c = connections_[slot];
    c.is_connecting = false;
    if (result < 0) {
        ++outcome_.connect_errors;
        if (first_error_ == 0 && answered_ == 0) first_error_ = result;
        serve::ring_put_file(ring_, slot, -1);
        return;  // tried again with the next tick
    }
    c.is_open = true;
    arm_receive(slot);
    ask_what_is_due(slot);
}

void Client::on_answers(std::uint32_t slot, std::uint32_t count) {
    Connection& c = connections_[slot];
    const bool counted = counts();
    for (std::uint32_t i = 0; i < count && c.under_way > 0; ++i, --c.under_way) {
        const std::int64_t sent = sent_at_[std::size_t{slot} * plan_.depth + c.first_sent];
        c.first_sent = (c.first_sent + 1) % plan_.depth;
        ++answered_;
        if (!counted) continue;
        ++outcome_.requests;
        outcome_.latency.record(static_cast<std::uint64_t>(std::max<std::int64_t>(now_ - sent, 0)));
    }
}

void Client::on_bytes(std::uint32_t slot, std::string_view bytes) {
    Connection& c = connections_[slot];
    std::uint32_t completed = 0;
    const Fault fault = c.reader.feed(bytes, expected_, completed);
    if (counts()) outcome_.bytes += bytes.size();
    const bool too_many = completed > c.under_way;
    on_answers(slot, completed);
    if (fault == Fault::none && !too_many && !c.reader.closes()) return ask_what_is_due(slot);
    if (fault == Fault::status) ++outcome_.status_errors;
    if (fault == Fault::body) ++outcome_.wrong_bodies;
    if (fault == Fault::malformed || too_many) ++outcome_.malformed;
    if (fault == Fault::none && !too_many) ++outcome_.reconnects;
    drop(slot);
}

void Client::on_receive(std::uint32_t slot, const Completion& completion) {
    if (completion.res > 0) {
        const std::uint32_t generation = connections_[slot].generation;
        const auto id = static_cast<std::uint16_t>(completion.flags >> serve::kCqeBufferShift);
        on_bytes(slot, {static_cast<const char*>(buffers_.base) + std::size_t{id} * kBufferBytes,
                        static_cast<std::size_t>(completion.res)});
        if (connections_[slot].generation != generation) return;
    } else if (completion.res != -ENOBUFS) {
        // The server closed: as it may between two requests, and not before an answer.
        const Connection& c = connections_[slot];
        const bool is_clean = completion.res == 0 && c.under_way == 0 && c.reader.is_between();
        ++(is_clean ? outcome_.reconnects : outcome_.read_errors);
        return drop(slot);
    }
    if ((completion.flags & serve::kCqeMore) == 0) arm_receive(slot);
}

void Client::on_completion(const Completion& completion) {
    const auto event = static_cast<Event>(completion.user_data & 0xff);
    const auto slot = static_cast<std::uint32_t>(completion.user_data >> 8);
    if (event == Event::tick) {
        for (std::uint32_t i = 0; i < plan_.connections; ++i) {
            if (!connections_[i].is_open && !connections_[i].is_connecting) open_connection(i);
        }
        return arm_timeout(Event::tick, tick_time_, kTickNs);
    }
    if (event == Event::due) {
        due_armed_ = false;
        return;
    }
    const bool is_current = connections_[slot].generation == completion.user_data >> 40;
    if (is_current && event == Event::connect) on_connect(slot, completion.res);
    if (is_current && event == Event::receive) on_receive(slot, completion);
    if (is_current && event == Event::send && completion.res < 0) {
        ++outcome_.write_errors;
        drop(slot);
    }
    if (event == Event::receive && (completion.flags & serve::kCqeBuffer) != 0) {
        give_back(static_cast<std::uint16_t>(completion.flags >> serve::kCqeBufferShift));
    }
}

Result<Outcome> Client::run() {
    now_ = started_ = now_ns();
    counts_from_ = started_ + plan_.warm_up_ns;
    ends_at_ = counts_from_ + plan_.duration_ns;
    if (is_paced()) interval_ns_ = 1e9 / plan_.rate_per_s;
    for (std::uint32_t slot = 0; slot < plan_.connections; ++slot) open_connection(slot);
    arm_timeout(Event::tick, tick_time_, kTickNs);
    std::uint32_t completions = 0;
    while (now_ < ends_at_ && !stop_.load(std::memory_order_relaxed)) {
        if (is_paced()) follow_schedule();
        const bool batched = plan_.has_min_wait && !is_paced() && completions >= kBatch;
        const bool overflowed = serve::ring_overflowed(ring_);
        enter(overflowed ? 0 : batched ? kBatch : 1, batched && !overflowed ? kBatchWaitUs : 0);
        now_ = now_ns();
        std::uint32_t head = *ring_.cq_head;
        const std::uint32_t tail = __atomic_load_n(ring_.cq_tail, __ATOMIC_ACQUIRE);
        completions = tail - head;
        while (head != tail) {
            const Completion completion = ring_.cqes[head & ring_.cq_mask];
            __atomic_store_n(ring_.cq_head, ++head, __ATOMIC_RELEASE);
            on_completion(completion);
        }
        if (first_error_ != 0 && answered_ == 0) {
            return fail(formatted("cannot connect to {}: {}", serve::address_text(plan_.server),
                                  std::strerror(-first_error_)),
                        {}, "is the server running?");
        }
    }
    outcome_.seconds = static_cast<double>(std::clamp(now_, counts_from_, ends_at_) - counts_from_) / 1e9;
    return outcome_;
}

}  // namespace

Result<Outcome> run_client(const ClientPlan& plan, const std::atomic<bool>& stop) {
    const auto client = std::make_unique<Client>(plan, stop);
    if (auto started = client->start(); !started) return tl::unexpected<Error>(started.error());
    return client->run();
}

}  // namespace torque::load
