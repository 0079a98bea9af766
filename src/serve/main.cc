// torque-serve: serves HTTP with the workers that a layout names. Messages on stderr, tables on stdout.

#include <cstdio>
#include <cstdlib>

#include "base/format.h"
#include "serve/features.h"
#include "serve/given.h"
#include "serve/listen_address.h"
#include "serve/options.h"
#include "serve/preflight.h"
#include "serve/say.h"
#include "serve/supervise.h"
#include "sys/host.h"
#include "torque/version.h"

namespace torque::serve {
namespace {

int print(const std::string& text) {
    const bool written =
        std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    if (!written) return report({"cannot write to standard output", {}, {}});
    return 0;
}

int check(const Layout& layout, const Options& options, const Dir& root) {
    if (auto tried = try_cpus(layout); !tried) return report(tried.error());
    const Result<Features> features = probe_features(root);
    if (!features) return report(features.error());
    Result<ListenAddress> listen = parse_listen_address(options.listen);
    if (!listen) return report(listen.error());
    if (auto claimed = claim_address(*listen); !claimed) return report(claimed.error());
    const int slots = static_cast<int>(table_slots());
    std::string text = formatted("machine: the layout is {}\n", options.force ? "accepted" : "for this one");
    for (const Worker& worker : layout.workers) {
        text += describe({worker.id, worker.cpu, worker.node, worker.buffers, slots, {}}) + "\n";
    }
    text += features_table(*features);
    text += formatted("address: {} is free\n", address_text(*listen));
    return print(text);
}

int run(int count, char** arguments) {
    // What is asked
    const Result<Options> options = parse_options({arguments, static_cast<std::size_t>(count)});
    if (!options) return report(options.error());
    if (options->help) return print(usage());
    if (options->version) return print("torque-serve " TORQUE_VERSION "\n");

    // What the kernel has
    const Host host = live_host();
    if (!host.root) return report({"cannot read /proc and /sys", {}, "mount them"});
    if (options->features) {
        const Result<Features> features = list_features(*host.root);
        return features ? print(features_table(*features)) : report(features.error());
    }

    // The layout, and the work
    if (!options->check) return supervise(*options, *host.root, std::getenv("NOTIFY_SOCKET"));
    const Result<Given> given = read_layout(*options, *host.root);
    return given ? check(given->layout, *options, *host.root) : report(given.error());
}

}  // namespace
}  // namespace torque::serve

int main(int count, char** arguments) {
    return torque::serve::run(count, arguments);
}
