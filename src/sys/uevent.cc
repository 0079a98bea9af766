#include "sys/uevent.h"

#include <linux/filter.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/format.h"
#include "base/parse.h"

namespace torque {
namespace {

constexpr std::uint64_t kNumberMax = 1 << 30;
constexpr std::uint32_t kKernelGroup = 1;  // 2 is udev's

struct Action {
    std::string_view name;
    bool online;
};

// A hot-plugged CPU is added and removed, one that stays in its socket only goes on and offline.
constexpr Action kActions[] = {{"online", true}, {"offline", false}, {"remove", false}};

struct Device {
    std::string_view subsystem;
    std::string_view path;  // the number follows
    Uevent::Kind kind;
};

constexpr Device kDevices[] = {
    {"cpu", "/devices/system/cpu/cpu", Uevent::Kind::cpu},
    {"memory", "/devices/system/memory/memory", Uevent::Kind::memory},
};

constexpr std::uint32_t word(const char (&text)[5]) {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(text[i]);
    return value;
}

constexpr std::uint32_t kAll = 0xffffffff;

// Only messages that begin with offline@, online@ or remove@ and /devices/system: the many others, of disks
// and network interfaces that come and go, do not even wake who waits. See linux/filter.h; a load
// beyond the message's end refuses it.
constexpr sock_filter kFilter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, word("offl"), 2, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, word("onli"), 3, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, word("remo"), 2, 5),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof "offline@/devices/" - 1),
    BPF_STMT(BPF_JMP | BPF_JA, 1),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, sizeof "online@/devices/" - 1),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, word("syst"), 0, 1),
    BPF_STMT(BPF_RET | BPF_K, kAll),
    BPF_STMT(BPF_RET | BPF_K, 0),
};

}  // namespace

std::optional<Uevent> parse_uevent(std::string_view message) {
    if (message.empty() || message.back() != '\0') return std::nullopt;
    const std::string_view head = take_until(message, '\0');
    std::string_view action, path, subsystem;
    while (!message.empty()) {
        std::string_view value = take_until(message, '\0');
        const std::string_view key = take_until(value, '=');
        if (key == "ACTION") action = value;
        if (key == "DEVPATH") path = value;
        if (key == "SUBSYSTEM") subsystem = value;
    }
    std::string_view rest = head;
    if (take_until(rest, '@') != action || rest != path) return std::nullopt;
    for (const Device& device : kDevices) {
        if (subsystem != device.subsystem || !path.starts_with(device.path)) continue;
        const auto number = parse_unsigned(path.substr(device.path.size()), kNumberMax);
        for (const Action& row : kActions) {
            if (number && row.name == action)
                return Uevent{device.kind, static_cast<int>(*number), row.online};
        }
    }
    return std::nullopt;
}

Result<Fd> open_uevents() {
    Fd fd(socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
    sockaddr_nl local{};
    local.nl_family = AF_NETLINK;
    local.nl_groups = kKernelGroup;
    sock_fprog filter{sizeof kFilter / sizeof kFilter[0], const_cast<sock_filter*>(kFilter)};
    if (fd) setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);  // it works without
    if (!fd || bind(fd.get(), reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0) {
        return fail(formatted("cannot hear of CPUs that go offline: {}", std::strerror(errno)));
    }
    return fd;
}

UeventRead read_uevent(int fd) {
    char message[8192];  // UEVENT_BUFFER_SIZE is 2048
    sockaddr_nl from{};
    iovec part{message, sizeof message};
    msghdr header{};
    header.msg_name = &from;
    header.msg_namelen = sizeof from;
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    const ssize_t bytes = recvmsg(fd, &header, 0);
    if (bytes < 0) return {std::nullopt, errno == ENOBUFS, errno == ENOBUFS || errno == EINTR};
    // Anybody with the right to may send to the group; the kernel is port 0.
    const bool is_kernels =
        from.nl_pid == 0 && header.msg_namelen == sizeof from && (header.msg_flags & MSG_TRUNC) == 0;
    if (!is_kernels) return {std::nullopt, false, true};
    return {parse_uevent({message, static_cast<std::size_t>(bytes)}), false, true};
}

}  // namespace torque
