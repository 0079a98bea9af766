
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// tuned-profiles-cpu-partitioning(7). Its lists are ranges parted by commas.
Result<std::string> emit_tuned(const Layout& layout) {
    return head(
               layout, "# ",
               {"Goes to /etc/tuned/cpu-partitioning-variables.conf, in place of what is there; then:",
                "tuned-adm profile cpu-partitioning, and reboot. tuned makes a boot line of its own: not "
                "beside",
                "another one for these CPUs. Its profile also adds intel_pstate=disable and nosoftlockup."}) +
           formatted("isolated_cores={0}\nno_balance_cores={0}\n", layout.isolated.list());
}

}  // namespace torque::emit
