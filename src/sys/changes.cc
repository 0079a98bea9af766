#include "sys/changes.h"

#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "sys/uevent.h"

namespace torque {
namespace {

using std::chrono::milliseconds;

// A CPU that goes takes others with it (SMT, scripts), and one look tells of all.
constexpr milliseconds kTogether{200};
constexpr std::size_t kWhatMax = 400;  // characters of what a change names

// Group 1 is the kernel's own; udev's messages go to another (netlink(7), NETLINK_KOBJECT_UEVENT).
Fd open_uevents() {
    Fd fd(socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = 1;
    if (!fd || bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
    return fd;
}

Fd catch_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT}) sigaddset(&signals, number);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    return Fd(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

void add(Change& change, Change::Kind kind, const std::string& what) {
    change.kind = kind;
    if (change.what.size() > kWhatMax || change.what.find(what) != std::string::npos) return;
    change.what += (change.what.empty() ? "" : ", ") + what;
}

int milliseconds_to(Changes::Clock::time_point deadline) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Changes::Clock::now());
    return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left.count(), 0, 1 << 30));
}

}  // namespace

Result<Changes> Changes::open(const std::vector<std::string>& files) {
    Changes changes;
    changes.signals_ = catch_signals();
    if (!changes.signals_) return fail(std::string("cannot wait for signals: ") + std::strerror(errno));
    changes.uevents_ = open_uevents();
    changes.inotify_ = Fd(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    for (const std::string& file : files) {
        // IN_MODIFY: a write, and the kernel's own word for the files that it notifies.
        const int number = inotify_add_watch(changes.inotify_.get(), file.c_str(), IN_MODIFY);
        if (number < 1) continue;
        changes.names_.resize(std::max(changes.names_.size(), static_cast<std::size_t>(number)));
        changes.names_[static_cast<std::size_t>(number) - 1] = file;
    }
    return changes;
}

bool Changes::take_uevents(Change& change) {
    bool is_of_interest = false;
    std::array<char, 8192> message;
    sockaddr_nl from{};
    for (socklen_t size = sizeof from;; size = sizeof from) {
        const ssize_t n = recvfrom(uevents_.get(), message.data(), message.size(), 0,
                                   reinterpret_cast<sockaddr*>(&from), &size);
        // ENOBUFS: more came than could be kept, so that something may have changed.
        if (n < 0 && errno == ENOBUFS) {
            is_of_interest = true;
            add(change, Change::Kind::hotplug, "many devices changed");
            continue;
        }
        if (n < 0) return is_of_interest;
        if (from.nl_pid != 0) continue;  // not the kernel
        const auto what = hotplug_of({message.data(), static_cast<std::size_t>(n)});
        if (!what) continue;
        is_of_interest = true;
        add(change, Change::Kind::hotplug, *what);
    }
}

bool Changes::take_written(Change& change) {
    bool is_of_interest = false;
    alignas(inotify_event) std::array<char, 4096> events;
    for (;;) {
        const ssize_t n = read(inotify_.get(), events.data(), events.size());
        if (n <= 0) return is_of_interest;
        for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(n);) {
            inotify_event event{};
            std::memcpy(&event, events.data() + at, sizeof event);
            at += sizeof event + event.len;
            const auto index = static_cast<std::size_t>(event.wd) - 1;
            if ((event.mask & IN_MODIFY) == 0 || index >= names_.size()) continue;
            is_of_interest = true;
            add(change, Change::Kind::written, names_[index] + " was written");
        }
    }
}

bool Changes::take(Change& change) {
    signalfd_siginfo info{};
    if (read(signals_.get(), &info, sizeof info) == sizeof info) {
        change = {Change::Kind::signal, {}, static_cast<int>(info.ssi_signo)};
        return true;
    }
    const bool plugged = uevents_ && take_uevents(change);
    return (inotify_ && take_written(change)) || plugged;
}

Change Changes::next(Clock::time_point deadline) {
    Change change;
    bool has_changed = false;
    for (;;) {
        const int wait_ms = milliseconds_to(deadline);
        if (wait_ms == 0) return change;
        pollfd sources[] = {
            {signals_.get(), POLLIN, 0}, {uevents_.get(), POLLIN, 0}, {inotify_.get(), POLLIN, 0}};
        if (poll(sources, 3, wait_ms) <= 0 || !take(change)) continue;
        if (change.kind == Change::Kind::signal) return change;
        if (!has_changed) deadline = Clock::now() + kTogether;
        has_changed = true;
    }
}

}  // namespace torque
