
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {
namespace {

constexpr std::string_view kScript = R"sh(node=$(slurmd -C | grep '^NodeName=')
threads=$(printf '%s\n' "$node" | sed -n 's/.* ThreadsPerCore=\([0-9]*\).*/\1/p')
cores=$(hwloc-calc --disallowed --number-of core all)
if [ $((cores * threads)) -ne "$(hwloc-calc --disallowed --number-of pu all)" ]; then
    echo "$0: Slurm cannot number the CPUs of cores with different numbers of threads: $node" >&2
    exit 1
fi
specialized=$(printf '%s\n' "$housekeeping" | tr , '\n' | sed 's/^/pu:/' |
    xargs hwloc-calc --disallowed --physical-input --logical-output --intersect pu)
printf '%s CpuSpecList=%s\n' "$node" "$specialized"
)sh";

}  // namespace

// slurm.conf(5), CpuSpecList: Slurm's own ("abstract") CPU numbers, socket by socket, core by core, thread by
// thread, as hwloc's logical numbers are where all cores have equally many threads. A layout does not know
// the order of all cores, the node does: hence a script that asks it.
Result<std::string> emit_slurm(const Layout& layout) {
    std::string text = "#!/bin/sh\n";
    text +=
        head(layout, "# ",
             {"usage: sh FILE",
              "Run on the node, with slurmd and hwloc-calc: prints the node's line for slurm.conf, in which",
              "Slurm keeps its jobs off the housekeeping CPUs. slurm.conf also needs",
              "TaskPlugin=task/affinity,task/cgroup, and cgroup.conf ConstrainCores=yes. Jobs then bind",
              "with srun --cpu-bind."});
    text += formatted("set -eu\nhousekeeping={}\n", layout.housekeeping.list());
    return text.append(kScript);
}

}  // namespace torque::emit
