#include "sys/changes.h"

#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "sys/uevent.h"

namespace torque {
namespace {

using std::chrono::milliseconds;

// A CPU that goes takes others with it (SMT, scripts), and one look tells of all.
constexpr milliseconds kTogether{200};
constexpr std::size_t kWhatMax = 400;  // characters of what a change names

Fd catch_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT}) sigaddset(&signals, number);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    return Fd(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

std::string text_of(const Uevent& event) {
    const std::string what = event.kind == Uevent::Kind::cpu ? "cpu" : "memory";
    return what + std::to_string(event.number) + (event.online ? " online" : " offline");
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
    if (auto uevents = open_uevents()) changes.uevents_ = std::move(*uevents);
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
    for (UeventRead read{{}, false, true}; read.more;) {
        read = read_uevent(uevents_.get());
        if (!read.event && !read.lost) continue;
        is_of_interest = true;
        add(change, Change::Kind::hotplug, read.event ? text_of(*read.event) : "many devices changed");
    }
    return is_of_interest;
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
