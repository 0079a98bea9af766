// A worker as the main thread sees it: what it is told, what it reports, where it starts.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "serve/metrics.h"
#include "serve/ring.h"
#include "serve/route.h"

namespace torque::serve {

enum class WorkerState : std::uint32_t {
    starting,
    ready,   // listens; never goes back
    failed,  // see step and error
    done,    // drained after a stop
};

// The parts of a start, in order; failed() names the one that went wrong.
enum class Step : std::uint32_t { descriptors, pin, memory_policy, memory, ring, files, buffers, serve };

// One worker's own line of the shared memory. The worker writes, the main thread and, of the counters, the
// other workers read.
struct alignas(128) WorkerReport {
    std::atomic<std::uint32_t> tid{0};  // the futex word of its end: see launch.h
    std::atomic<WorkerState> state{WorkerState::starting};
    std::atomic<Step> step{Step::descriptors};
    std::atomic<int> error{0};                // -errno of the step that failed
    std::atomic<int> memory_policy_error{0};  // -errno where the kernel refused to bind memory
    void* memory = nullptr;                   // the worker's mapping, which is unmapped when it has ended
    std::uint64_t memory_bytes = 0;
    Counters counters;
};

inline constexpr std::uint32_t kMaxNodes = 1024;  // MAX_NUMNODES of Linux' largest configuration

// Read-only for the worker. What is pointed to lives as long as the worker.
struct WorkerConfig {
    std::uint32_t id = 0;
    int cpu = 0;
    std::optional<NodeId> node;  // for handlers
    bool binds_memory = false;
    std::uint64_t memory_nodes[kMaxNodes / 64] = {};

    RingSetup ring;
    bool batches_waits = false;  // the kernel has minimum-wait, and it is wanted
    std::uint32_t slots = 0;     // of the fixed-file table: the most connections
    std::uint32_t buffer_count = 0;
    std::uint32_t buffer_bytes = 0;
    std::uint32_t page_bytes = 4096;  // the kernel's: it takes a ring of buffers at the start of a page alone
    std::uint32_t tick_ms = 1000;     // the worker's clock, which stands while there is no connection
    std::uint32_t idle_ticks = 60;
    std::uint32_t drain_ms = 250;  // for requests under way when told to stop

    int listener_fd = -1;
    int stop_fd = -1;    // eventfd: readable when the worker is to stop
    int report_fd = -1;  // eventfd: written when state changes

    RouteTable routes;
    const Counters* const* all_counters = nullptr;
    std::uint32_t workers = 0;

    WorkerReport* report = nullptr;
};

// The whole life of a worker; `config` is a WorkerConfig. Uses no thread state of libc.
void worker_main(void* config);

}  // namespace torque::serve
