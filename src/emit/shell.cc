
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

Result<std::string> emit_shell(const Layout& layout) {
    std::string text = head(layout, "# ",
                            {"For scripts: source it, then for instance",
                             "for cpu in $TORQUE_WORKER_CPUS; do taskset -c \"$cpu\" COMMAND & done"});
    text += formatted("TORQUE_WORKERS={}\n", layout.workers.size());
    text += formatted("TORQUE_WORKER_CPUS=\"{}\"\n", worker_cpus(layout, " "));
    text += formatted("TORQUE_ISOLATED_CPUS=\"{}\"\n", layout.isolated.list());
    text += formatted("TORQUE_HOUSEKEEPING_CPUS=\"{}\"\n", layout.housekeeping.list());
    return text + formatted("TORQUE_MEMORY_NODES=\"{}\"\n", memory_nodes(layout).list());
}

}  // namespace torque::emit
