
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// A feature file of Kubernetes' Node Feature Discovery (local source), which makes labels of it: KEY=VALUE,
// in the one namespace that it takes without being told to. A label's value holds no comma, so no CPU list.
Result<std::string> emit_nfd(const Layout& layout) {
    const Result<std::string> fingerprint = plain_fingerprint(layout);
    if (!fingerprint) return fingerprint;
    return head(layout, "# ",
                {"Goes to /etc/kubernetes/node-feature-discovery/features.d/torque on the node. Write a file "
                 "whose",
                 "name begins with a dot, and rename it. Nodes that one layout is for have one "
                 "fingerprint."}) +
           formatted(
               "feature.node.kubernetes.io/torque-fingerprint={}\n"
               "feature.node.kubernetes.io/torque-workers={}\n"
               "feature.node.kubernetes.io/torque-isolated-cpus={}\n",
               *fingerprint, layout.workers.size(), layout.isolated.count());
}

}  // namespace torque::emit
