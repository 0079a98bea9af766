
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// systemd-system.conf(5): the affinity of PID 1 and of each service without one of its own.
Result<std::string> emit_systemd_manager(const Layout& layout) {
    return head(layout, "# ",
                {"Goes to /etc/systemd/system.conf.d/90-torque.conf; then: systemctl daemon-reexec. Services "
                 "that",
                 "run already keep their CPUs until they are restarted. The workers' service needs a drop-in",
                 "of its own: see systemd-unit."}) +
           formatted("[Manager]\nCPUAffinity={}\n", spaced_list(layout.housekeeping));
}

}  // namespace torque::emit
