
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {

// Linux, admin-guide/cgroup-v2: a partition that the kernel cannot set up is accepted, and
// cpuset.cpus.partition then reads "isolated invalid (why)".
Result<std::string> emit_cgroup(const Layout& layout) {
    std::string text = "#!/bin/sh\n";
    text += head(
        layout, "# ",
        {"usage: sh FILE [CGROUP]",
         "Makes the cpuset partition CGROUP/torque; CGROUP is /sys/fs/cgroup unless given. Run as root. Lost",
         "at the next boot. Not together with isolcpus= or nohz_full= for other CPUs, whose masks it resets.",
         "Then put each worker there and pin its threads: nothing balances in the partition."});
    text += "set -eu\nroot=${1-/sys/fs/cgroup}\ngroup=$root/torque\n";
    text += "echo +cpuset >\"$root/cgroup.subtree_control\"\nmkdir -p \"$group\"\n";
    text += formatted("echo {} >\"$group/cpuset.cpus\"\n", layout.isolated.list());
    const CpuSet nodes = memory_nodes(layout);
    if (!nodes.empty()) text += formatted("echo {} >\"$group/cpuset.mems\"\n", nodes.list());
    text += "echo isolated >\"$group/cpuset.cpus.partition\"\n";
    text += "state=$(cat \"$group/cpuset.cpus.partition\")\n";
    text += "if [ \"$state\" != isolated ]; then\n";
    text += "    echo \"$group/cpuset.cpus.partition: $state\" >&2\n    exit 1\nfi\n";
    return text;
}

}  // namespace torque::emit
