// One thread's share of the load: connections that ask again as soon as they were answered, or at a set rate.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "load/histogram.h"
#include "serve/listen_address.h"
#include "serve/ring.h"
#include "torque/result.h"

namespace torque::load {

struct ClientPlan {
    serve::ListenAddress server;
    std::string request;  // the bytes of one request
    std::optional<std::string> expected_body;
    std::uint32_t connections = 1;
    std::uint32_t depth = 1;       // requests under way on a connection
    double rate_per_s = 0;         // of this thread; 0: as fast as answers come
    std::int64_t warm_up_ns = 0;   // nothing counts before
    std::int64_t duration_ns = 0;  // of what counts
    std::optional<int> cpu;        // to run on
    serve::RingSetup ring;
    bool has_min_wait = false;
};

// What came of it. Errors end a connection, which is then opened anew.
struct Outcome {
    std::uint64_t requests = 0;  // answered within the time that counts
    std::uint64_t bytes = 0;     // received then
    std::uint64_t connect_errors = 0, read_errors = 0, write_errors = 0;
    std::uint64_t status_errors = 0, malformed = 0, wrong_bodies = 0;
    std::uint64_t reconnects = 0;  // the server closed after a whole response, as it may
    double seconds = 0;            // that counted
    Histogram latency;             // with a rate: from the time that the request was due

    std::uint64_t errors() const {
        return connect_errors + read_errors + write_errors + status_errors + malformed + wrong_bodies;
    }
};

// Runs to the end of the plan's time, or until `stop`, and may be called on any thread.
// Errors: no ring, no descriptors, not that CPU; nobody answered the first connections.
Result<Outcome> run_client(const ClientPlan& plan, const std::atomic<bool>& stop);

}  // namespace torque::load
