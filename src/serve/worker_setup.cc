// A worker's start: its CPU, memory, listener and ring. See worker_state.h.
#include <linux/mempolicy.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "serve/syscalls.h"
#include "serve/worker_state.h"

namespace torque::serve {
namespace {

std::uint64_t round_up(std::uint64_t value, std::uint64_t to) {
    return (value + to - 1) & ~(to - 1);
}

// Cuts a mapping into parts; with no base it only adds up what they take.
struct Cutter {
    char* base;
    std::uint64_t used_bytes = 0;

    template <class T>
    void cut(T*& part, std::uint64_t count, std::uint64_t alignment = 128) {
        used_bytes = round_up(used_bytes, alignment);
        if (base) part = reinterpret_cast<T*>(base + used_bytes);
        used_bytes += count * sizeof(T);
    }
};

std::uint32_t blocks_for(std::uint32_t slots) {
    return slots < kBlocksMax ? slots : kBlocksMax;
}

std::uint32_t count_runs(const RouteTable& routes) {
    std::uint32_t count = 0;
    for (std::uint32_t i = 0; i < routes.count; ++i) count += routes.entries[i].run_max != 0 ? 1 : 0;
    return count;
}

// The one list of a worker's memory.
std::uint64_t cut_memory(Worker& w, const WorkerConfig& config, char* base) {
    Cutter cutter{base};
    Worker* self = nullptr;
    cutter.cut(self, 1);
    cutter.cut(w.connections, config.slots + 2);
    cutter.cut(w.deferred, config.slots);
    cutter.cut(w.held, config.buffer_count);
    cutter.cut(w.free_blocks, blocks_for(config.slots));
    cutter.cut(w.run_pages, config.routes.count);
    cutter.cut(w.runs, std::uint64_t{count_runs(config.routes)} * kRunBytesMax);
    cutter.cut(w.large_buffers, std::uint64_t{kLargeBuffers} * w.large_buffer_bytes);
    cutter.cut(w.buffer_ring, config.buffer_count, config.page_bytes);
    cutter.cut(w.buffers, std::uint64_t{config.buffer_count} * config.buffer_bytes, config.page_bytes);
    cutter.cut(w.blocks, std::uint64_t{blocks_for(config.slots)} * kBlockBytes, config.page_bytes);
    return round_up(cutter.used_bytes, config.page_bytes);
}

// Descriptors of the main thread that this worker has copies of and no use for.
void close_others(const WorkerConfig& config) {
    const int kept[] = {config.stop_fd, config.report_fd, config.listener_fd};
    // From one that is kept to the next; standard input, output and error stay.
    for (int low = 3;;) {
        int next = 1 << 30;
        for (const int fd : kept) next = fd >= low && fd < next ? fd : next;
        // ENOSYS before 5.9: the copies stay open, which costs nothing but tidiness.
        if (next > low) system_call(SYS_close_range, low, next - 1, 0);
        if (next == 1 << 30) return;
        low = next + 1;
    }
}

int pin(const WorkerConfig& config) {
    constexpr int kWords = 8192 / 64;
    std::uint64_t mask[kWords] = {};
    if (config.cpu < 0 || config.cpu >= kWords * 64) return -EINVAL;
    mask[config.cpu / 64] = std::uint64_t{1} << (config.cpu % 64);
    const long result = system_call(SYS_sched_setaffinity, 0, sizeof mask, address(mask));
    char name[16] = "worker-";
    name[7 + write_decimal(name + 7, config.id % 100000000)] = '\0';
    system_call(SYS_prctl, PR_SET_NAME, address(name));
    return static_cast<int>(result);
}

// Every page that this thread touches first from now on, the ring's and the sockets' too, comes from the
// layout's nodes. A kernel without NUMA and a container that forbids it are reported, not fatal.
int bind_memory(const WorkerConfig& config) {
    if (!config.binds_memory) return 0;
    const long result = system_call(SYS_set_mempolicy, MPOL_BIND, address(config.memory_nodes),
                                    sizeof config.memory_nodes * 8 + 1);
    if (result == -ENOSYS || result == -EPERM) {
        config.report->memory_policy_error.store(static_cast<int>(result), std::memory_order_relaxed);
        return 0;
    }
    return static_cast<int>(result);
}

void fill_lists(Worker& w) {
    for (std::uint32_t end = w.slots; end < w.slots + 2; ++end) {
        w.connections[end].next = w.connections[end].previous = end;
    }
    const std::uint32_t blocks = blocks_for(w.slots);
    for (std::uint32_t i = 0; i < blocks; ++i) w.free_blocks[i] = static_cast<std::uint16_t>(blocks - 1 - i);
    w.free_block_count = blocks;
}

void fill_runs(Worker& w, const RouteTable& routes) {
    char* page = w.runs;
    for (std::uint32_t i = 0; i < routes.count; ++i) {
        const RouteEntry& entry = routes.entries[i];
        if (entry.run_max == 0) continue;
        const MadeReply& made = entry.ready[static_cast<std::size_t>(Keep::silent)];
        w.run_pages[i] = {page, made.bytes};
        for (std::uint32_t n = 0; n < entry.run_max; ++n)
            std::memcpy(page + std::uint64_t{n} * made.bytes, made.data, made.bytes);
        page += kRunBytesMax;
    }
}

int map_memory(const WorkerConfig& config, Worker*& worker) {
    Worker plan{};
    const std::uint32_t large_bytes = config.routes.large_body_bytes_max;
    plan.large_buffer_bytes = large_bytes == 0 ? 0 : large_bytes + kAnswerHeadBytesMax;
    const std::uint64_t bytes = cut_memory(plan, config, nullptr);
    const long base = system_call(SYS_mmap, 0, static_cast<long>(bytes), PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base < 0 && base > -4096) return static_cast<int>(base);
    config.report->memory = reinterpret_cast<void*>(base);
    config.report->memory_bytes = bytes;
    cut_memory(plan, config, reinterpret_cast<char*>(base));
    worker = reinterpret_cast<Worker*>(base);
    Worker& w = *worker;
    w = plan;
    w.config = &config;
    w.counters = &config.report->counters;
    w.slots = config.slots;
    w.listener = config.listener_fd;
    w.ring.fd = -1;
    w.batch = 1;
    w.tick_time = {config.tick_ms / 1000, std::int64_t{config.tick_ms % 1000} * 1000000};
    fill_lists(w);
    fill_runs(w, config.routes);
    return 0;
}

int open_ring(Worker& w) {
    const int result = ring_open(w.ring, w.config->ring);
    if (result < 0) return result;
    ring_register_self(w.ring);  // a kernel without it (before 5.18) works as well, only slower
    return 0;
}

int give_buffers(Worker& w) {
    const int result = ring_register_buffers(w.ring, w.buffer_ring, w.config->buffer_count);
    if (result < 0) return result;
    for (std::uint32_t i = 0; i < w.config->buffer_count; ++i)
        buffer_give_back(w, static_cast<std::uint16_t>(i));
    buffers_publish(w);
    return 0;
}

// Entries that are the same for every connection but for slot and data.
void fill_templates(Worker& w) {
    w.receive_template.opcode = static_cast<std::uint8_t>(Op::recv);
    w.receive_template.flags = kSqeFixedFile | kSqeBufferSelect;
    // Poll first: a receive is armed when there is nothing to read yet, and its completions then come from
    // task work, behind those of the submission.
    w.receive_template.ioprio = kRecvMultishot | kRecvPollFirst;
    w.silent_template.opcode = w.send_template.opcode = static_cast<std::uint8_t>(Op::send);
    // Without waiting and with no completion for success: what did not go out whole says so at once.
    w.silent_template.flags = kSqeFixedFile | kSqeSkipSuccess;
    w.silent_template.msg_flags = MSG_NOSIGNAL | MSG_WAITALL | MSG_DONTWAIT;
    // The kernel waits for room and goes on until all is sent.
    w.send_template.flags = kSqeFixedFile;
    w.send_template.msg_flags = MSG_NOSIGNAL | MSG_WAITALL;
    w.close_template.opcode = static_cast<std::uint8_t>(Op::close);
    w.close_template.flags = kSqeSkipSuccess;
}

}  // namespace

int worker_start(const WorkerConfig& config, Worker*& worker) {
    WorkerReport& report = *config.report;
    const auto at = [&report](Step step) { report.step.store(step, std::memory_order_relaxed); };
    int result = 0;
    at(Step::descriptors);
    close_others(config);
    at(Step::pin);
    if ((result = pin(config)) < 0) return result;
    at(Step::memory_policy);
    if ((result = bind_memory(config)) < 0) return result;
    at(Step::memory);
    if ((result = map_memory(config, worker)) < 0) return result;
    Worker& w = *worker;
    at(Step::ring);
    if ((result = open_ring(w)) < 0) return result;
    at(Step::files);
    if ((result = ring_register_files(w.ring, config.slots)) < 0) return result;
    at(Step::buffers);
    if ((result = give_buffers(w)) < 0) return result;
    fill_templates(w);
    at(Step::serve);
    return 0;
}

}  // namespace torque::serve
