#include "serve/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <string_view>

#include "base/fd.h"
#include "base/format.h"
#include "base/parse.h"

namespace torque::serve {

Result<void> notify(const char* path, const std::string& state) {
    const std::string_view name = path ? path : "";
    if (name.empty()) return {};
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    if ((name[0] != '/' && name[0] != '@') || name.size() >= sizeof to.sun_path) {
        return fail(formatted("NOTIFY_SOCKET is no path of a socket: '{}'", printable(name)));
    }
    std::memcpy(to.sun_path, name.data(), name.size());
    if (name[0] == '@') to.sun_path[0] = '\0';
    const auto size_bytes = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    const Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const ssize_t sent = fd ? sendto(fd.get(), state.data(), state.size(), MSG_NOSIGNAL,
                                     reinterpret_cast<const sockaddr*>(&to), size_bytes)
                            : -1;
    if (sent < 0) return fail(formatted("cannot notify '{}': {}", printable(name), std::strerror(errno)));
    return {};
}

std::string reloading_state() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return formatted("RELOADING=1\nMONOTONIC_USEC={}",
                     std::int64_t{now.tv_sec} * 1000000 + now.tv_nsec / 1000);
}

}  // namespace torque::serve
