#include "serve/layout_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/format.h"
#include "base/parse.h"

namespace torque::serve {

Result<LayoutWatch> LayoutWatch::open(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    Fd fd(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    // Not IN_CREATE: a file that was only begun is no layout yet.
    if (!fd || inotify_add_watch(fd.get(), folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR) < 0) {
        return fail(formatted("cannot watch the layout's folder: {}", std::strerror(errno)),
                    printable(folder),
                    errno == ENOSPC ? "raise the sysctl fs.inotify.max_user_watches; until then SIGHUP does"
                                    : "SIGHUP does what a change would");
    }
    return LayoutWatch(std::move(fd), slash == path.npos ? path : path.substr(slash + 1));
}

LayoutChange LayoutWatch::take() {
    LayoutChange change = LayoutChange::none;
    char events[4096];
    for (ssize_t bytes; (bytes = read(fd_.get(), events, sizeof events)) > 0;) {
        const LayoutChange more = judge_inotify({events, static_cast<std::size_t>(bytes)}, name_);
        if (more != LayoutChange::none) change = more;
    }
    return change;
}

LayoutChange judge_inotify(std::string_view events, std::string_view name) {
    LayoutChange change = LayoutChange::none;
    while (events.size() >= sizeof(inotify_event)) {
        inotify_event event;
        std::memcpy(&event, events.data(), sizeof event);
        events.remove_prefix(sizeof event);
        if (event.len > events.size()) return change;
        const std::string_view padded = events.substr(0, event.len);
        events.remove_prefix(event.len);
        // Events were lost: this one may have been among them.
        const bool is_it = padded.substr(0, padded.find('\0')) == name || (event.mask & IN_Q_OVERFLOW) != 0;
        if ((event.mask & IN_IGNORED) != 0) return LayoutChange::folder_gone;
        if (is_it && (event.mask & (IN_CLOSE_WRITE | IN_MOVED_TO | IN_Q_OVERFLOW)) != 0)
            change = LayoutChange::changed;
    }
    return change;
}

}  // namespace torque::serve
