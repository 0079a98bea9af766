
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// Sourced by scylla-server.service as an EnvironmentFile; the shards are those of Seastar.
Result<std::string> emit_scylla(const Layout& layout) {
    return head(layout, "# ",
                {"Goes to /etc/scylla.d/cpuset.conf; then: systemctl restart scylla-server. "
                 "scylla_cpuset_setup",
                 "writes the same file. For interrupts see perftune."}) +
           formatted("CPUSET=\"--cpuset {}\"\n", worker_cpus(layout, ","));
}

}  // namespace torque::emit
