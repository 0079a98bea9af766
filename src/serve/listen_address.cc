#include "serve/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/fd.h"
#include "base/format.h"
#include "base/parse.h"

namespace torque::serve {
namespace {

std::uint16_t port_of(const ListenAddress& address) {
    return ntohs(address.storage.ss_family == AF_INET6
                     ? reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_port
                     : reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_port);
}

Error cannot_listen(int error, const ListenAddress& address) {
    const std::string text = address_text(address);
    if (error == EADDRINUSE) {
        return {formatted("{} is taken: another program listens there", text),
                {},
                formatted("find it with 'ss -ltnp sport = :{}', or choose another port with --listen",
                          port_of(address))};
    }
    if (error == EACCES) {
        return {formatted("{} needs privileges: its port is below net.ipv4.ip_unprivileged_port_start", text),
                {},
                "choose a port from 1024 on, or give the program CAP_NET_BIND_SERVICE"};
    }
    if (error == EADDRNOTAVAIL) {
        return {formatted("{} is not an address of this machine", text),
                {},
                "'ip address' lists them; 0.0.0.0 is all of them"};
    }
    return {formatted("cannot listen on {}: {}", text, std::strerror(error)), {}, {}};
}

constexpr int kBacklog = 4096;  // cut by net.core.somaxconn

}  // namespace

Result<ListenAddress> parse_listen_address(const std::string& text) {
    const auto malformed = [&text] {
        return fail(formatted("'{}' is not an address to listen on", printable(text)), "--listen",
                    "write 127.0.0.1:8080 or [::1]:8080", ErrorKind::usage);
    };
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) return malformed();
    const auto port = parse_unsigned(std::string_view(text).substr(colon + 1), 65535);
    if (!port) return malformed();
    const auto port_bytes = htons(static_cast<std::uint16_t>(*port));
    std::string host = text.substr(0, colon);
    ListenAddress address;
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
        auto& in6 = reinterpret_cast<sockaddr_in6&>(address.storage);
        in6.sin6_family = AF_INET6;
        in6.sin6_port = port_bytes;
        address.size_bytes = sizeof in6;
        if (inet_pton(AF_INET6, host.c_str(), &in6.sin6_addr) != 1) return malformed();
    } else {
        auto& in = reinterpret_cast<sockaddr_in&>(address.storage);
        in.sin_family = AF_INET;
        in.sin_port = port_bytes;
        address.size_bytes = sizeof in;
        if (inet_pton(AF_INET, host.c_str(), &in.sin_addr) != 1) return malformed();
    }
    return address;
}

std::string address_text(const ListenAddress& address) {
    char host[INET6_ADDRSTRLEN] = "";
    if (address.storage.ss_family == AF_INET6) {
        inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(&address.storage)->sin6_addr, host,
                  sizeof host);
        return formatted("[{}]:{}", host, port_of(address));
    }
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(&address.storage)->sin_addr, host, sizeof host);
    return formatted("{}:{}", host, port_of(address));
}

Result<void> claim_address(ListenAddress& address) {
    const Fd socket_fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    auto* raw = reinterpret_cast<sockaddr*>(&address.storage);
    if (!socket_fd || setsockopt(socket_fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        bind(socket_fd.get(), raw, address.size_bytes) != 0 || listen(socket_fd.get(), 1) != 0) {
        return tl::unexpected<Error>(cannot_listen(errno, address));
    }
    socklen_t size_bytes = address.size_bytes;
    getsockname(socket_fd.get(), raw, &size_bytes);
    return {};
}

Result<Fd> open_listener(const ListenAddress& address) {
    Fd listener(socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    bool done = static_cast<bool>(listener);
    // Accepted sockets inherit TCP_NODELAY: a response goes out when it is written.
    const struct {
        int level, name;
    } options[] = {{SOL_SOCKET, SO_REUSEADDR}, {SOL_SOCKET, SO_REUSEPORT}, {IPPROTO_TCP, TCP_NODELAY}};
    for (const auto& option : options) {
        const int on = 1;
        done = done && setsockopt(listener.get(), option.level, option.name, &on, sizeof on) == 0;
    }
    const auto* raw = reinterpret_cast<const sockaddr*>(&address.storage);
    done =
        done && bind(listener.get(), raw, address.size_bytes) == 0 && listen(listener.get(), kBacklog) == 0;
    if (!done) return tl::unexpected<Error>(cannot_listen(errno, address));
    return listener;
}

}  // namespace torque::serve
