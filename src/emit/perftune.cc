
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// Seastar's scripts/perftune.py: masks in hwloc's form. irq_cpu_mask has to be part of cpu_mask, and is taken
// out of it for the shards; a mode beside irq_cpu_mask is refused.
Result<std::string> emit_perftune(const Layout& layout) {
    CpuSet cpus = layout.housekeeping;
    for (const Worker& worker : layout.workers) cpus.add(worker.cpu);
    return head(layout, "# ",
                {"Goes to /etc/scylla.d/perftune.yaml, or to perftune.py --options-file. Add what to tune, "
                 "for",
                 "example tune: [net] and nic: [eth0], but no mode. The shards get cpu_mask without "
                 "irq_cpu_mask."}) +
           formatted("cpu_mask: '{}'\nirq_cpu_mask: '{}'\n", hwloc_mask(cpus),
                     hwloc_mask(layout.housekeeping));
}

}  // namespace torque::emit
