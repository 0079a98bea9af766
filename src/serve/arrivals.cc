#include "serve/arrivals.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>

#include <array>

#include "base/fd.h"
#include "serve/listen_address.h"

namespace torque::serve {
namespace {

constexpr int kTries = 8;
constexpr int kStrays = 1;  // of them, for a thread that was moved in between

CpuId served_by(const Worker& worker, SmtPolicy smt) {
    const bool by_sibling = smt == SmtPolicy::assist && !worker.siblings.empty();
    return by_sibling ? CpuId{worker.siblings.first()} : worker.cpu;
}

int count_waiting(const Fd& listener) {
    int count = 0;
    fcntl(listener.get(), F_SETFL, O_NONBLOCK);
    while (Fd(accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK))) ++count;
    return count;
}

// Two listeners share an address; one of them is told this CPU. Did it get the connections that are made
// here?
bool takes_all(std::size_t which) {
    ListenAddress address;
    auto& in = reinterpret_cast<sockaddr_in&>(address.storage);
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.size_bytes = sizeof in;
    if (!claim_address(address)) return false;
    std::array<Fd, 2> listeners;
    for (Fd& listener : listeners) {
        Result<Fd> opened = open_listener(address);
        if (!opened) return false;
        listener = *std::move(opened);
    }
    prefer_arrivals(listeners[which].get(), CpuId{sched_getcpu()});
    const auto* raw = reinterpret_cast<const sockaddr*>(&address.storage);
    for (int i = 0; i < kTries; ++i) {
        const Fd client(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (!client || connect(client.get(), raw, address.size_bytes) != 0) return false;
    }
    return count_waiting(listeners[which]) >= kTries - kStrays;
}

}  // namespace

Arrivals arrival_cpus(const Layout& layout) {
    Arrivals cpus(layout.workers.size());
    CpuSet seen;
    for (std::size_t i = 0; i < cpus.size(); ++i) {
        cpus[i] = served_by(layout.workers[i], layout.request.smt);
        if (!layout.workers[i].queue || seen.contains(cpus[i]->value)) return Arrivals(cpus.size());
        seen.add(cpus[i]->value);
    }
    return cpus;
}

void prefer_arrivals(int listener, std::optional<CpuId> cpu) {
    const int value = cpu ? cpu->value : -1;
    setsockopt(listener, SOL_SOCKET, SO_INCOMING_CPU, &value, sizeof value);
}

bool has_arrivals() {
    return takes_all(0) && takes_all(1);
}

}  // namespace torque::serve
