
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// PerformanceProfile (performance.openshift.io/v2): reserved and isolated are disjoint and cover all CPUs.
Result<std::string> emit_openshift(const Layout& layout) {
    return head(
               layout, "# ",
               {"oc apply -f FILE. All nodes with the label get these CPU numbers: give machines like the "
                "one that",
                "was planned for a label of their own. The operator makes the boot line, by way of tuned."}) +
           formatted(
               "apiVersion: performance.openshift.io/v2\n"
               "kind: PerformanceProfile\n"
               "metadata:\n"
               "  name: torque\n"
               "spec:\n"
               "  cpu:\n"
               "    isolated: \"{}\"\n"
               "    reserved: \"{}\"\n"
               "  nodeSelector:\n"
               "    node-role.kubernetes.io/worker: \"\"\n",
               layout.isolated.list(), layout.housekeeping.list());
}

}  // namespace torque::emit
