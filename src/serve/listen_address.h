// The address to listen on: its text, its sockaddr, and whether it is free.
#pragma once

#include <sys/socket.h>

#include <string>

#include "base/fd.h"
#include "torque/result.h"

namespace torque::serve {

struct ListenAddress {
    sockaddr_storage storage{};
    socklen_t size_bytes = 0;
};

// "127.0.0.1:8080", "[::1]:8080". No names: resolving them is not a server's business.
Result<ListenAddress> parse_listen_address(const std::string& text);
std::string address_text(const ListenAddress& address);

// Binds and releases the address once. A port 0 is replaced by the free one that the kernel picked. Without
// SO_REUSEPORT, so that a listener of the same user does not go unnoticed and share the connections.
// Errors: the port is taken, or needs privileges; the address is not this machine's.
Result<void> claim_address(ListenAddress& address);

// A listener that shares the address with others of this user (SO_REUSEPORT). Errors: as above, and EMFILE.
Result<Fd> open_listener(const ListenAddress& address);

}  // namespace torque::serve
