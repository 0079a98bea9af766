#include "serve/supervise.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/fd.h"
#include "base/format.h"
#include "serve/events.h"
#include "serve/features.h"
#include "serve/given.h"
#include "serve/layout_watch.h"
#include "serve/notify.h"
#include "serve/say.h"
#include "sys/uevent.h"

namespace torque::serve {
namespace {

// Names of events. A server has two: one for its descriptor, one for the end of its drain.
enum Name : std::uint32_t { kSignals, kLayoutFile, kUevents, kFirstServer };

struct Running {
    Server server;
    std::uint32_t name;
};

struct Supervisor {
    const Options& options;
    const Dir& root;
    const char* manager;
    Events events;
    Fd signals, uevents;
    std::optional<LayoutWatch> watch;
    std::string text;              // of the layout in force, or of one that was refused
    std::vector<Running> servers;  // the last one serves, those before it end
    std::uint32_t next_name = kFirstServer;
    bool stopping = false;
    int status = 0;
};

// SIGTERM, SIGINT and SIGHUP come by descriptor from here on; a closed stderr must not end a server.
Fd catch_signals() {
    signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    return Fd(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
}

void tell_manager(const Supervisor& s, const std::string& state) {
    if (auto told = notify(s.manager, state); !told) warn(told.error());
}

Result<Server> start(Given given, const Options& options, const std::string& listen, const Server* ending) {
    ServerOptions wanted;
    wanted.listen = listen;
    wanted.idle_timeout_ms = options.idle_timeout_ms;
    wanted.drain_timeout_ms = options.drain_timeout_ms;
    wanted.batches = !options.no_batching;
    wanted.routes = reference_routes(given.layout, std::move(given.text));
    Result<Server> server = Server::start(given.layout, wanted, ending);
    if (!server) return server;
    for (const ServingWorker& worker : server->workers()) say(describe(worker));
    say("listening on http://" + server->address());
    return server;
}

void add(Supervisor& s, Server server) {
    s.events.watch(server.event_fd(), s.next_name);
    s.servers.push_back({std::move(server), s.next_name});
    s.next_name += 2;
}

void end(Supervisor& s, Running& running) {
    running.server.begin_stop();
    s.events.set_timer(running.server.stop_timeout_ms(), running.name + 1);
}

// The workers of the layout as it is now start beside the old ones, which then finish what is under way while
// the main thread sleeps on. What stands in the way of that is said, and the old ones go on.
void reload(Supervisor& s) {
    if (s.stopping) return;
    tell_manager(s, reloading_state());
    Result<Server> next = fail("standard input cannot be read again", {}, "name a file: --layout FILE");
    Running& old = s.servers.back();
    if (s.options.layout != "-") {
        Result<Given> given = read_layout(s.options, s.root);
        if (given) s.text = given->text;
        next = given ? start(*std::move(given), s.options, old.server.address(), &old.server)
                     : Result<Server>(tl::unexpected<Error>(given.error()));
    }
    if (next) {
        end(s, old);
        add(s, *std::move(next));
        say("the new layout is in force");
    } else {
        report(next.error());
        say("the old layout stays");
    }
    tell_manager(s, "READY=1");
}

void stop(Supervisor& s) {
    if (std::exchange(s.stopping, true)) return;
    tell_manager(s, "STOPPING=1");
    end(s, s.servers.back());
}

void on_signals(Supervisor& s) {
    signalfd_siginfo info{};
    while (read(s.signals.get(), &info, sizeof info) == sizeof info)
        info.ssi_signo == SIGHUP ? reload(s) : stop(s);
    s.events.watch(s.signals.get(), kSignals);
}

// A file that says what it said before, as after touch(1), is no new layout.
void on_layout_file(Supervisor& s) {
    const LayoutChange change = s.watch->take();
    if (change == LayoutChange::folder_gone) {
        return say("warning: the layout's folder is gone: SIGHUP reads the layout again, a change does not");
    }
    s.events.watch(s.watch->fd(), kLayoutFile);
    if (change == LayoutChange::none) return;
    const Result<std::string> text = read_layout_text(s.options);
    if (text && *text == s.text) return;
    if (text) s.text = *text;
    reload(s);
}

void on_cpu(Supervisor& s, const Uevent& event) {
    for (Running& running : s.servers) {
        if (event.online) {
            for (const ServingWorker& worker : running.server.workers()) {
                if (worker.cpu.value == event.number)
                    say(formatted("CPU {} of worker {} is online: SIGHUP moves the worker to it",
                                  event.number, worker.id));
            }
            continue;
        }
        for (const int id : running.server.count_offline(CpuId{event.number})) {
            say(formatted(
                "warning: CPU {} of worker {} went offline: the worker runs where the kernel put it",
                event.number, id));
        }
    }
}

void on_uevents(Supervisor& s) {
    for (UeventRead read{std::nullopt, false, true}; read.more;) {
        read = read_uevent(s.uevents.get());
        if (read.lost)
            say("warning: the kernel told more of its devices than was read: CPUs may have gone offline");
        if (!read.event) continue;
        if (read.event->kind == Uevent::Kind::cpu) {
            on_cpu(s, *read.event);
        } else if (!read.event->online) {
            say(formatted("warning: block {} of the memory went offline: does the layout still fit?",
                          read.event->number));
        }
    }
    s.events.watch(s.uevents.get(), kUevents);
}

// Its workers have ended, or had the time for it.
void on_server(Supervisor& s, std::uint32_t name) {
    const bool is_timer = (name - kFirstServer) % 2 != 0;
    const std::uint32_t server_name = is_timer ? name - 1 : name;
    const auto found = std::find_if(s.servers.begin(), s.servers.end(),
                                    [&](const Running& running) { return running.name == server_name; });
    if (found == s.servers.end()) return;
    if (!is_timer && !found->server.take_ended())
        return s.events.watch(found->server.event_fd(), server_name);
    const bool by_itself = !s.stopping && found + 1 == s.servers.end();
    s.events.cancel_timer(server_name + 1);
    if (auto stopped = found->server.stop(); !stopped) {
        const int status = report(stopped.error());
        if (s.stopping || by_itself) s.status = status;
    }
    s.servers.erase(found);
    if (by_itself) {
        s.stopping = true;
        for (Running& running : s.servers) end(s, running);
    } else if (!s.stopping) {
        say("the old layout's workers have ended");
    }
}

Result<Supervisor> prepare(const Options& options, const Dir& root, const char* manager) {
    Result<Events> events = Events::open();
    if (!events) {  // which of io_uring is not there is better known elsewhere
        const Result<Features> features = probe_features(root);
        return tl::unexpected<Error>(features ? events.error() : features.error());
    }
    Supervisor s{options, root, manager, *std::move(events), catch_signals(), {}, {}, {}, {}};
    s.events.watch(s.signals.get(), kSignals);
    if (Result<Fd> uevents = open_uevents(); uevents) {
        s.uevents = *std::move(uevents);
        s.events.watch(s.uevents.get(), kUevents);
    } else {
        warn(uevents.error());
    }
    return s;
}

}  // namespace

std::string describe(const ServingWorker& worker) {
    const std::string node = worker.node ? formatted("node {}", worker.node->value) : "no node";
    return formatted("worker {}: CPU {}, {}, {} buffers of {} bytes, {} connections{}{}", worker.id,
                     worker.cpu.value, node, worker.buffers.count, worker.buffers.size_bytes,
                     worker.connections_max, worker.note.empty() ? "" : "; ", worker.note);
}

int supervise(const Options& options, const Dir& root, const char* manager) {
    // The watch comes first, so that no change is missed; the signals come after what may be typed in.
    std::optional<Result<LayoutWatch>> watch;
    if (options.layout != "-") watch = LayoutWatch::open(options.layout);
    Result<Given> given = read_layout(options, root);
    if (!given) return report(given.error());
    Result<Supervisor> prepared = prepare(options, root, manager);
    if (!prepared) return report(prepared.error());
    Supervisor& s = *prepared;
    s.text = given->text;
    if (watch && !*watch) warn(watch->error());
    if (watch && *watch) {
        s.watch = **std::move(watch);
        s.events.watch(s.watch->fd(), kLayoutFile);
    }
    Result<Server> server = start(*std::move(given), options, options.listen, nullptr);
    if (!server) return report(server.error());
    add(s, *std::move(server));
    tell_manager(s, "READY=1");
    while (!s.servers.empty()) {
        const Result<std::uint32_t> name = s.events.wait();
        if (!name) return report(name.error());
        switch (*name) {
            case kSignals:
                on_signals(s);
                break;
            case kLayoutFile:
                on_layout_file(s);
                break;
            case kUevents:
                on_uevents(s);
                break;
            default:
                on_server(s, *name);
        }
    }
    return s.status;
}

}  // namespace torque::serve
