
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// systemd.resource-control(5): AllowedCPUs= is the cpuset of a cgroup, which no process below it can leave.
Result<std::string> emit_systemd_slice(const Layout& layout) {
    return head(layout, "# ",
                {"Goes to /etc/systemd/system/system.slice.d/90-torque.conf, and to the same below "
                 "user.slice.d;",
                 "then: systemctl daemon-reload. For init.scope.d write [Scope] for [Slice].",
                 "The workers' service must leave the slice, by Slice=torque.slice in its unit: no service "
                 "can have",
                 "CPUs that its slice has not. Before Linux 6.2 the first cpuset on a system resets "
                 "affinities."}) +
           formatted("[Slice]\nAllowedCPUs={}\n", spaced_list(layout.housekeeping));
}

}  // namespace torque::emit
