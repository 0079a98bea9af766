#include "torque/server.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "base/fd.h"
#include "base/format.h"
#include "serve/arrivals.h"
#include "serve/features.h"
#include "serve/launch.h"
#include "serve/listen_address.h"
#include "serve/preflight.h"
#include "serve/route_table.h"
#include "serve/verify_layout.h"
#include "serve/worker.h"
#include "sys/host.h"
#include "sys/region.h"

namespace torque {

using namespace serve;

namespace {

constexpr int kJoinMs = 2000;  // beyond the drain

// Text of the step that went wrong, and what to do.
struct StepText {
    const char* what;
    const char* hint;
};

constexpr StepText kStepTexts[] = {
    {"cannot close inherited descriptors", ""},
    {"cannot run on its CPU",
     "a cpuset or an offline CPU is in the way: see /proc/self/status, Cpus_allowed_list"},
    {"cannot bind its memory to the layout's nodes",
     "a node without memory? see /sys/devices/system/node/has_memory"},
    {"has no memory",
     "raise the limits of memory (ulimit -v, the cgroup's memory.max), or plan smaller buffers"},
    {"cannot set up io_uring", "torque-serve --features says what the kernel has"},
    {"cannot have a table of connections", "raise RLIMIT_NOFILE (ulimit -n)"},
    {"cannot register its receive buffers", "raise RLIMIT_MEMLOCK (ulimit -l), or plan smaller buffers"},
    {"failed while serving", ""},
};
static_assert(sizeof kStepTexts / sizeof kStepTexts[0] == static_cast<std::size_t>(Step::serve) + 1);

tl::unexpected<Error> worker_failed(const WorkerConfig& config) {
    const StepText& text = kStepTexts[static_cast<std::size_t>(config.report->step.load())];
    return fail(formatted("worker {} (CPU {}) {}: {}", config.id, config.cpu, text.what,
                          std::strerror(-config.report->error.load())),
                {}, text.hint);
}

Result<Fd> duplicate(const Fd& listener) {
    Fd copy(fcntl(listener.get(), F_DUPFD_CLOEXEC, 0));
    if (!copy) return fail("no descriptors left for the listeners", {}, "raise RLIMIT_NOFILE (ulimit -n)");
    return copy;
}

std::string note_of(const WorkerConfig& config) {
    const int error = config.report->memory_policy_error.load();
    if (error == 0) return {};
    return formatted("memory is not bound to its node ({})", std::strerror(-error));
}

}  // namespace

struct Server::State {
    std::string address;
    std::vector<ServingWorker> workers;
    OwnedRoutes routes;
    std::vector<std::unique_ptr<WorkerReport>> reports;
    std::vector<const Counters*> counters;
    std::vector<std::unique_ptr<WorkerConfig>> configs;
    std::vector<Thread> threads;
    std::vector<Fd> listeners, stop_fds;  // one a worker
    Fd report_fd;
    bool stopping = false, stopped = false;
    std::chrono::steady_clock::time_point stop_began;

    int drain_timeout_ms = 0;
    bool batches = true;

    void add_worker(const Worker& worker, const Features& features, std::uint32_t slots, int idle_timeout_ms);
    Result<void> open_listeners(const ListenAddress& listen, const State* ending, const Arrivals& arrivals);
    Result<void> launch();
    Result<void> wait_until_ready();
    bool take_ended();
    void begin_stop();
    Result<void> stop();
};

void Server::State::add_worker(const Worker& worker, const Features& features, std::uint32_t slots,
                               int idle_timeout_ms) {
    reports.push_back(std::make_unique<WorkerReport>());
    counters[worker.id] = &reports.back()->counters;
    configs.push_back(std::make_unique<WorkerConfig>());
    WorkerConfig& config = *configs.back();
    config.id = static_cast<std::uint32_t>(worker.id);
    config.cpu = worker.cpu.value;
    config.node = worker.node;
    for (const NodeId node_id : worker.memory_nodes) {
        if (node_id.value >= static_cast<int>(kMaxNodes)) continue;
        config.binds_memory = true;
        config.memory_nodes[node_id.value / 64] |= std::uint64_t{1} << (node_id.value % 64);
    }
    config.listener_fd = listeners[configs.size() - 1].get();
    config.ring = features.ring;
    config.batches_waits = features.has_min_wait && batches;
    config.slots = slots;
    config.buffer_count = static_cast<std::uint32_t>(worker.buffers.count);
    config.buffer_bytes = static_cast<std::uint32_t>(worker.buffers.size_bytes);
    config.page_bytes = static_cast<std::uint32_t>(base_page_bytes());
    // At most two wake-ups a second, and none without connections.
    config.tick_ms = idle_timeout_ms < 10000 ? 500 : 1000;
    config.idle_ticks = (static_cast<std::uint32_t>(idle_timeout_ms) + config.tick_ms - 1) / config.tick_ms;
    config.drain_ms = static_cast<std::uint32_t>(drain_timeout_ms);
    stop_fds.emplace_back(eventfd(0, EFD_CLOEXEC));
    config.stop_fd = stop_fds.back().get();
    config.report_fd = report_fd.get();
    config.routes = routes.table();
    config.all_counters = counters.data();
    config.workers = static_cast<std::uint32_t>(counters.size());
    config.report = reports.back().get();
    workers.push_back({worker.id, worker.cpu, worker.node, worker.buffers, static_cast<int>(slots), {}});
}

// Those of a server that is to end go on, with the connections that wait in them.
Result<void> Server::State::open_listeners(const ListenAddress& listen, const State* ending,
                                           const Arrivals& arrivals) {
    for (std::size_t i = 0; i < arrivals.size(); ++i) {
        Result<Fd> listener =
            ending && i < ending->listeners.size() ? duplicate(ending->listeners[i]) : open_listener(listen);
        if (!listener) return tl::unexpected<Error>(listener.error());
        prefer_arrivals(listener->get(), arrivals[i]);
        listeners.push_back(*std::move(listener));
    }
    return {};
}

Result<void> Server::State::launch() {
    for (const auto& config : configs) {
        if (config->stop_fd < 0 || config->report_fd < 0) {
            return fail("no descriptors left for the workers", {}, "raise RLIMIT_NOFILE (ulimit -n)");
        }
        Result<Thread> thread = start_thread(worker_main, config.get(), config->report->tid);
        if (!thread) return tl::unexpected<Error>(thread.error());
        threads.push_back(*thread);
    }
    return {};
}

Result<void> Server::State::wait_until_ready() {
    // Each worker writes once when it is ready or has failed; all of it is read here, so that what comes
    // later is the end of one.
    std::uint64_t reported = 0;
    while (reported < configs.size()) {
        std::uint64_t more = 0;
        if (read(report_fd.get(), &more, sizeof more) < 0 && errno != EINTR) {
            return fail(formatted("cannot wait for the workers: {}", std::strerror(errno)));
        }
        reported += more;
    }
    for (std::size_t i = 0; i < configs.size(); ++i) {
        if (configs[i]->report->state.load() == WorkerState::failed) return worker_failed(*configs[i]);
        workers[i].note = note_of(*configs[i]);
    }
    fcntl(report_fd.get(), F_SETFL, O_NONBLOCK);  // from now on it is read when it may have nothing to say
    return {};
}

bool Server::State::take_ended() {
    std::uint64_t count = 0;
    if (read(report_fd.get(), &count, sizeof count) < 0) count = 0;  // the states count
    std::size_t done = 0;
    for (const auto& report : reports) {
        const WorkerState state = report->state.load(std::memory_order_acquire);
        if (state == WorkerState::failed) return true;
        done += state == WorkerState::done ? 1 : 0;
    }
    return done == reports.size();
}

void Server::State::begin_stop() {
    if (std::exchange(stopping, true)) return;
    stop_began = std::chrono::steady_clock::now();
    listeners.clear();  // the workers have their own copies, and close them
    const std::uint64_t one = 1;
    for (const Fd& fd : stop_fds) {
        if (write(fd.get(), &one, sizeof one) < 0)
            continue;  // a worker that is not told does not end in time
    }
}

Result<void> Server::State::stop() {
    if (std::exchange(stopped, true)) return {};
    begin_stop();
    const auto deadline = stop_began + std::chrono::milliseconds(drain_timeout_ms + kJoinMs);
    std::size_t running = 0;
    for (Thread& thread : threads) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (!join_thread(thread, std::max(0, static_cast<int>(left.count())))) ++running;
    }
    if (running != 0) {
        // They use this state, so it outlives them.
        for (auto& report : reports) report.release();
        for (auto& config : configs) config.release();
        return fail(formatted("{} workers do not end", running));
    }
    for (const auto& report : reports) {
        if (report->memory) munmap(report->memory, report->memory_bytes);
    }
    for (const auto& config : configs) {
        if (config->report->state.load() == WorkerState::failed) return worker_failed(*config);
    }
    return {};
}

Result<Server> Server::start(const Layout& layout, const ServerOptions& options, const Server* ending) {
    const Host host = live_host();
    if (!host.root) return fail("cannot read /proc and /sys", {}, "mount them");
    if (auto checked = check_workers(layout, *host.root); !checked)
        return tl::unexpected<Error>(checked.error());
    const Result<Features> features = probe_features(*host.root);
    if (!features) return tl::unexpected<Error>(features.error());
    Result<OwnedRoutes> routes = own_routes(options.routes);
    if (!routes) return tl::unexpected<Error>(routes.error());
    Result<ListenAddress> listen = parse_listen_address(options.listen);
    if (!listen) return tl::unexpected<Error>(listen.error());
    if (!ending) {
        if (auto claimed = claim_address(*listen); !claimed) return tl::unexpected<Error>(claimed.error());
    }

    auto state = std::make_unique<State>();
    state->address = address_text(*listen);
    state->drain_timeout_ms = options.drain_timeout_ms;
    state->batches = options.batches;
    state->routes = *std::move(routes);
    state->report_fd = Fd(eventfd(0, EFD_CLOEXEC));
    if (auto opened =
            state->open_listeners(*listen, ending ? ending->state_.get() : nullptr, arrival_cpus(layout));
        !opened)
        return tl::unexpected<Error>(opened.error());
    state->counters.resize(layout.workers.size());
    const std::uint32_t slots = table_slots();
    for (const Worker& worker : layout.workers) {
        state->add_worker(worker, *features, slots, options.idle_timeout_ms);
    }
    Result<void> started = state->launch();
    if (started) started = state->wait_until_ready();
    Server server(std::move(state));
    if (!started) return tl::unexpected<Error>(started.error());  // ~Server stops those that run
    return server;
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;
Server::~Server() {
    if (state_) static_cast<void>(state_->stop());
}

const std::string& Server::address() const {
    return state_->address;
}
const std::vector<ServingWorker>& Server::workers() const {
    return state_->workers;
}
int Server::event_fd() const {
    return state_->report_fd.get();
}
bool Server::take_ended() {
    return state_->take_ended();
}
void Server::begin_stop() {
    state_->begin_stop();
}
Result<void> Server::stop() {
    return state_->stop();
}
int Server::stop_timeout_ms() const {
    return state_->drain_timeout_ms + kJoinMs;
}

std::vector<int> Server::count_offline(CpuId cpu) {
    std::vector<int> found;
    for (std::size_t i = 0; i < state_->configs.size(); ++i) {
        if (state_->configs[i]->cpu != cpu.value) continue;
        state_->reports[i]->counters.cpu_offline.add();
        found.push_back(state_->workers[i].id);
    }
    return found;
}

}  // namespace torque
