// Server: the io_uring HTTP server that runs one worker for each worker of a layout.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "torque/handler.h"
#include "torque/layout.h"
#include "torque/result.h"

namespace torque {

struct ServerOptions {
    std::string listen = "127.0.0.1:8080";  // IPv4:PORT or [IPv6]:PORT; port 0: any free one
    int idle_timeout_ms = 60000;            // from a whole request to the next; 1,000 to 86,400,000
    int drain_timeout_ms = 250;             // for requests under way at stop(); 0 to 3,600,000
    bool batches = true;                    // wait for several requests at a time where that is worth it
    std::vector<Route> routes;              // the first that fits answers, none: 404. At most 256
};

// What torque-serve answers: / with OK, /worker, /metrics, and /layout with `layout_json`.
std::vector<Route> reference_routes(const Layout& layout, std::string layout_json);

// A worker that serves.
struct ServingWorker {
    int id = 0;
    CpuId cpu;
    std::optional<NodeId> node;
    Buffers buffers;
    int connections_max = 0;
    std::string note;  // what the kernel refused without need to stop for it; "" as a rule
};

// Runs until stop(). Each worker is a thread on its own CPU with its own descriptor table, listener, ring,
// buffers and connections; workers share nothing. The caller's signal mask does not matter: workers take
// none.
class Server {
  public:
    // Returns when every worker listens. Blocks for as long as that takes, milliseconds as a rule.
    // Errors: the address is taken or malformed, a route cannot be (names it), io_uring is off or too old,
    // the layout has no workers or unusable buffers, a worker cannot have its CPU, memory or descriptors.
    // Nothing keeps running then. The calling thread has to live as long as the server, see handler.h.
    // `ending`: a server on the same address that will be stopped once this one runs; its listeners go on as
    // this one's, with the connections that wait in them, as far as both have as many workers.
    static Result<Server> start(const Layout& layout, const ServerOptions& options,
                                const Server* ending = nullptr);

    Server(Server&&) noexcept;
    Server& operator=(Server&&) noexcept;
    ~Server();  // stops, if that was not done

    const std::string& address() const;  // as bound: "127.0.0.1:8080"
    const std::vector<ServingWorker>& workers() const;

    // Readable when a worker ended, by itself or after begin_stop(), until take_ended() was called.
    int event_fd() const;
    // Have all workers ended, or one by itself? Then stop() does not wait, and says why. Does not block.
    bool take_ended();
    // Tells the workers to finish the requests under way, for at most drain_timeout_ms and a quarter of a
    // second. Idle connections are closed after a quarter of a second. Does not block.
    void begin_stop();
    // The same if that was not done, and joins the workers.
    // Errors: a worker failed while it served, or does not end 2 seconds after the drain.
    Result<void> stop();
    // Most milliseconds from begin_stop() until stop() does not wait any more.
    int stop_timeout_ms() const;

    // The CPU went offline, and the kernel moved its workers elsewhere. Counted in
    // torque_cpu_offline_total; returns the ids of these workers.
    std::vector<int> count_offline(CpuId cpu);

  private:
    struct State;
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace torque
