
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// irqbalance(1): numbers and ranges; neither N nor strides, which it reads as something else.
Result<std::string> emit_irqbalance(const Layout& layout) {
    return head(layout, "# ",
                {"Goes into /etc/default/irqbalance (Debian) or /etc/sysconfig/irqbalance (Fedora); then:",
                 "systemctl restart irqbalance. It replaces the CPUs that irqbalance spares by itself, "
                 "isolcpus and",
                 "nohz_full. Needs irqbalance 1.8 or newer."}) +
           formatted("IRQBALANCE_BANNED_CPULIST={}\n", layout.isolated.list());
}

}  // namespace torque::emit
