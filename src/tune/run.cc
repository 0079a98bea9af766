#include "tune/run.h"
#include "base/format.h"

#include <algorithm>

namespace torque::tune {

Result<Confinement> confinement(const Layout& layout, std::optional<int> worker) {
    if (layout.workers.empty()) {
        return fail("the layout has no workers", {}, "make it with 'torque-topo plan --workers N'");
    }
    const int last = static_cast<int>(layout.workers.size()) - 1;
    if (worker && (*worker < 0 || *worker > last)) {
        return fail(formatted("the layout has no worker {}", *worker), {},
                    last == 0 ? "it has worker 0 alone" : formatted("it has workers 0 to {}", last),
                    ErrorKind::usage);
    }
    Confinement out;
    bool binds = true;
    for (const Worker& one : layout.workers) {
        if (worker && one.id != *worker) continue;
        out.cpus.add(one.cpu);
        binds = binds && !one.memory_nodes.empty();
        out.memory_nodes.insert(out.memory_nodes.end(), one.memory_nodes.begin(), one.memory_nodes.end());
    }
    auto& nodes = out.memory_nodes;
    if (!binds) nodes.clear();
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    return out;
}

}  // namespace torque::tune
