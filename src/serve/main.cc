// torque-serve: serves HTTP with the workers that a layout names. Messages on stderr, tables on stdout.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/fd.h"
#include "layout/layout_json.h"
#include "serve/features.h"
#include "serve/listen_address.h"
#include "serve/options.h"
#include "serve/preflight.h"
#include "serve/verify_layout.h"
#include "sys/host.h"
#include "torque/server.h"
#include "torque/version.h"

namespace torque::serve {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitUsage = 2;
constexpr std::size_t kLayoutBytesMax = std::size_t{16} << 20;

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
    const bool is_stdin = path == "-";
    const Fd file(is_stdin ? dup(STDIN_FILENO) : open(path.c_str(), O_RDONLY | O_CLOEXEC));
    const auto cannot_read = [&path] {
        return fail(fmt::format("cannot read the layout: {}", std::strerror(errno)), path,
                    "make one: torque-topo plan --workers 4 > layout.json");
    };
    if (!file) return cannot_read();
    std::string text;
    char chunk[65536];
    for (;;) {
        const ssize_t got = read(file.get(), chunk, sizeof chunk);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return cannot_read();
        if (got == 0) return text;
        text.append(chunk, static_cast<std::size_t>(got));
        if (text.size() > kLayoutBytesMax) return fail("the file is too large for a layout", path);
    }
}

Result<Layout> read_layout(const std::string& path) {
    const Result<std::string> text = read_text(path);
    if (!text) return tl::unexpected<Error>(text.error());
    return parse_layout(*text, path == "-" ? "standard input" : path);
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

std::string describe(const ServingWorker& worker) {
    const std::string node = worker.node ? fmt::format("node {}", worker.node->value) : "no node";
    return fmt::format("worker {}: CPU {}, {}, {} buffers of {} bytes, {} connections{}{}", worker.id,
                       worker.cpu.value, node, worker.buffers.count, worker.buffers.size_bytes,
                       worker.connections_max, worker.note.empty() ? "" : "; ", worker.note);
}

int check(const Layout& layout, const Options& options, const Dir& root) {
    if (auto checked = check_workers(layout, root); !checked) return report(checked.error());
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

// SIGTERM and SIGINT come by descriptor from here on; a closed stderr must not end a server.
Fd catch_signals() {
    signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    return Fd(signalfd(-1, &signals, SFD_CLOEXEC));
}

// Until a signal comes, or a worker ends by itself.
void wait_for_end(const Server& server, const Fd& signals) {
    pollfd sources[] = {{signals.get(), POLLIN, 0}, {server.event_fd(), POLLIN, 0}};
    while (poll(sources, 2, -1) < 0 && errno == EINTR) {
    }
}

int serve(const Layout& layout, const Options& options) {
    const Fd signals = catch_signals();
    Result<Server> server = Server::start(layout, {options.listen, options.idle_timeout_ms});
    if (!server) return report(server.error());
    for (const ServingWorker& worker : server->workers()) say(describe(worker));
    say("listening on http://" + server->address());
    wait_for_end(*server, signals);
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

    // The layout, and whether it is this machine's
    const Result<Layout> layout = read_layout(options->layout);
    if (!layout) return report(layout.error());
    if (auto checked = check_workers(*layout, *host.root); !checked) return report(checked.error());
    if (auto verified = verify(*layout, *host.root, options->force); !verified)
        return report(verified.error());

    // The work
    return options->check ? check(*layout, *options, *host.root) : serve(*layout, *options);
}

}  // namespace
}  // namespace torque::serve

int main(int count, char** arguments) {
    return torque::serve::run(count, arguments);
}
