// torque-serve: serves HTTP with the workers that a layout names. Messages on stderr, tables on stdout.
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/fd.h"
#include "layout/layout_json.h"
#include "serve/features.h"
#include "serve/listen_address.h"
#include "serve/notify.h"
#include "serve/options.h"
#include "serve/preflight.h"
#include "serve/verify_layout.h"
#include "sys/host.h"
#include "sys/text_file.h"
#include "torque/server.h"
#include "torque/version.h"

namespace torque::serve {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;

void say(const std::string& line) {
    const std::string text = "torque-serve: " + line + "\n";
    if (write(STDERR_FILENO, text.data(), text.size()) < 0) return;  // there is nowhere else to say it
}

int report(const Error& error) {
    say("error: " + (error.where.empty() ? "" : error.where + ": ") + error.what);
    if (!error.hint.empty()) say("hint: " + error.hint);
    return error.kind == ErrorKind::usage ? kExitUsage : kExitFailure;
}

int print(const std::string& text) {
    const bool written =
        std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    if (!written) return report({"cannot write to standard output", {}, {}});
    return 0;
}

Result<std::string> read_text(const std::string& path) {
    Result<std::string> text = read_text_file(path, kLayoutBytesMax);
    if (!text) text.error().hint = "make one: torque-topo plan --workers 4 > layout.json";
    return text;
}

// Says what differs; an error unless `force`.
Result<void> verify(const Layout& layout, const Dir& root, bool force) {
    const std::vector<std::string> found = differences(layout, root);
    if (found.empty()) return {};
    if (!force) {
        std::string what = "the layout was made for another machine: ";
        for (std::size_t i = 0; i < found.size(); ++i) what += (i == 0 ? "" : "; ") + found[i];
        return fail(what, {}, "plan anew with 'torque-topo plan' on this machine, or use --force");
    }
    for (const std::string& difference : found) say("warning: " + difference);
    return {};
}

struct Given {
    std::string text;  // as it was read
    Layout layout;
};

// The layout, and whether it is this machine's.
Result<Given> read_layout(const Options& options, const Dir& root) {
    Result<std::string> text = read_text(options.layout);
    if (!text) return tl::unexpected<Error>(text.error());
    Result<Layout> layout = parse_layout(*text, options.layout == "-" ? "standard input" : options.layout);
    if (!layout) return tl::unexpected<Error>(layout.error());
    if (auto checked = check_workers(*layout, root); !checked) return tl::unexpected<Error>(checked.error());
    if (auto verified = verify(*layout, root, options.force); !verified)
        return tl::unexpected<Error>(verified.error());
    return Given{*std::move(text), *std::move(layout)};
}

std::string describe(const ServingWorker& worker) {
    const std::string node = worker.node ? fmt::format("node {}", worker.node->value) : "no node";
    return fmt::format("worker {}: CPU {}, {}, {} buffers of {} bytes, {} connections{}{}", worker.id,
                       worker.cpu.value, node, worker.buffers.count, worker.buffers.size_bytes,
                       worker.connections_max, worker.note.empty() ? "" : "; ", worker.note);
}

int check(const Layout& layout, const Options& options, const Dir& root) {
    if (auto tried = try_cpus(layout); !tried) return report(tried.error());
    const Result<Features> features = probe_features(root);
    if (!features) return report(features.error());
    Result<ListenAddress> listen = parse_listen_address(options.listen);
    if (!listen) return report(listen.error());
    if (auto claimed = claim_address(*listen); !claimed) return report(claimed.error());
    const int slots = static_cast<int>(table_slots());
    std::string text =
        fmt::format("machine: the layout is {}\n", options.force ? "accepted" : "for this one");
    for (const Worker& worker : layout.workers) {
        text += describe({worker.id, worker.cpu, worker.node, worker.buffers, slots, {}}) + "\n";
    }
    text += features_table(*features);
    text += fmt::format("address: {} is free\n", address_text(*listen));
    return print(text);
}

// SIGTERM, SIGINT and SIGHUP come by descriptor from here on; a closed stderr must not end a server.
Fd catch_signals() {
    signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    return Fd(signalfd(-1, &signals, SFD_CLOEXEC));
}

// Until a signal comes, which is returned, or a worker ends by itself: 0.
int wait_for_signal(const Server& server, const Fd& signals) {
    pollfd sources[] = {{signals.get(), POLLIN, 0}, {server.event_fd(), POLLIN, 0}};
    while (poll(sources, 2, -1) < 0 && errno == EINTR) {
    }
    signalfd_siginfo info{};
    if ((sources[1].revents & POLLIN) != 0 || read(signals.get(), &info, sizeof info) != sizeof info)
        return 0;
    return static_cast<int>(info.ssi_signo);
}

void tell_manager(const std::string& state) {
    if (auto told = notify(std::getenv("NOTIFY_SOCKET"), state); !told) say("warning: " + told.error().what);
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

// The workers of the layout as it is now start beside the old ones, which then finish what is under way. What
// stands in the way of that is said, and the old ones go on.
void reload(Server& server, const Options& options, const Dir& root) {
    Result<Server> next = fail("standard input cannot be read again", {}, "name a file: --layout FILE");
    if (options.layout != "-") {
        Result<Given> given = read_layout(options, root);
        next = given ? start(*std::move(given), options, server.address(), &server)
                     : Result<Server>(tl::unexpected<Error>(given.error()));
    }
    if (!next) {
        report(next.error());
        return say("the old layout stays");
    }
    std::swap(server, *next);
    if (auto stopped = next->stop(); !stopped) report(stopped.error());
    say("the new layout is in force");
}

int serve(Given given, const Options& options, const Dir& root) {
    const Fd signals = catch_signals();
    Result<Server> server = start(std::move(given), options, options.listen, nullptr);
    if (!server) return report(server.error());
    tell_manager("READY=1");
    while (wait_for_signal(*server, signals) == SIGHUP) {
        tell_manager(reloading_state());
        reload(*server, options, root);
        tell_manager("READY=1");
    }
    tell_manager("STOPPING=1");
    if (auto stopped = server->stop(); !stopped) return report(stopped.error());
    return 0;
}

int run(int count, char** arguments) {
    // What is asked
    const Result<Options> options = parse_options(count, arguments);
    if (!options) return report(options.error());
    if (options->help) return print(kUsage);
    if (options->version) return print("torque-serve " TORQUE_VERSION "\n");

    // What the kernel has
    const Host host = live_host();
    if (!host.root) return report({"cannot read /proc and /sys", {}, "mount them"});
    if (options->features) {
        const Result<Features> features = list_features(*host.root);
        return features ? print(features_table(*features)) : report(features.error());
    }

    // The layout, and the work
    Result<Given> given = read_layout(*options, *host.root);
    if (!given) return report(given.error());
    return options->check ? check(given->layout, *options, *host.root)
                          : serve(*std::move(given), *options, *host.root);
}

}  // namespace
}  // namespace torque::serve

int main(int count, char** arguments) {
    return torque::serve::run(count, arguments);
}
