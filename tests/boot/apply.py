"""apply, check and revert in a guest: what the layout asks for is in force afterwards, and then everything is as it was.

Once in whole, and with kill -9 after a while, several times over: revert puts back what was written until then. What is
compared are the files that apply may write and the control groups that there are, byte for byte.
"""

import json
from dataclasses import dataclass

import guest
import harness
import initramfs


@dataclass(frozen=True)
class Case:
    name: str
    machine: guest.Machine
    plan: str


CASES = (
    Case("threads, a disk with a queue for each CPU",
         guest.Machine("8,sockets=1,cores=4,threads=2", devices=guest.nvme(8)), "-w 2 --profile runtime"),
    Case("two nodes", guest.Machine("8,sockets=2,cores=2,threads=2", nodes=(("0-3", 192), ("4-7", 192))),
         "-w 2 --profile runtime"),
)

# state FILE: what apply may have changed, with the name of each file before its text.
PROLOGUE = r"""
state() {
    {
        grep -s '' /proc/irq/*/smp_affinity_list /proc/irq/default_smp_affinity /proc/sys/vm/* /proc/sys/kernel/* \
            /sys/devices/virtual/workqueue/cpumask /sys/devices/virtual/workqueue/*/cpumask \
            /sys/kernel/mm/transparent_hugepage/enabled /sys/class/net/*/queues/*/*ps_cpus \
            /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor /sys/devices/system/node/node*/hugepages/*/nr_hugepages \
            /sys/fs/cgroup/cgroup.subtree_control |
            grep -v -e /sys/kernel/ns_last_pid -e /sys/kernel/random -e /sys/kernel/pty -e /sys/kernel/tainted
        find /sys/fs/cgroup -type d | sort
    } >"$1"
}
differ() { cmp -s /before "$1" || { echo "left behind $2:"; diff /before "$1"; }; }
"""

WHOLE = PROLOGUE + """
state /before
torque-topo plan {plan} -o /layout.json || exit
torque-topo apply --json --yes --layout /layout.json >/applied.json
echo "apply $?" >&2
state /during
cmp -s /before /during && echo "nothing was changed"
torque-topo check --json --layout /layout.json >/checked.json
echo "check $?" >&2
torque-topo revert --yes >/reverted.txt
echo "revert $?" >&2
state /after
differ /after "by revert"
torque-topo revert --yes >/dev/null
echo "revert $?" >&2
state /after
differ /after "by a second revert"
"""

# Every 3 ms until the whole run is through: a write and its journal take less.
KILLED = PROLOGUE + """
state /before
torque-topo plan {plan} -o /layout.json || exit
kills=0
for after in $(seq 2000 3000 400000); do
    torque-topo apply --yes --layout /layout.json >/dev/null 2>&1 &
    usleep $after
    kill -9 $! 2>/dev/null && kills=$((kills + 1)) && last=no || last=yes
    wait $!
    torque-topo revert --yes >/reverted.txt 2>&1 || cat /reverted.txt
    state /after
    differ /after "after $after us"
    if [ $last = yes ]; then break; fi
done
echo $kills
"""


def applied_faults(job, said):
    """What the statuses and documents of the whole run say that they should not."""
    wanted = ["apply 0", "check 0", "revert 0", "revert 0"]
    if job.err.split("\n")[:-1] == wanted:
        return []
    return [f"the commands ended with {job.err.split()}: {said}"]


def drift_text(text):
    try:
        rows = json.loads(text)["checks"]
    except ValueError:
        return text
    return "; ".join(f"{row['id']}: expected {row['expected']}, found {row['found']}" for row in rows
                     if row["status"] == "drift")


def scene(case, kernel, base):
    """(faults, boots)"""
    where = f"{kernel.series}, {case.name}"
    jobs = {"0-whole": WHOLE.replace("{plan}", case.plan), "1-applied": "cat /applied.json", "2-checked": "cat /checked.json",
            "3-killed": KILLED.replace("{plan}", case.plan)}
    boot = guest.boot(kernel, case.machine, base, jobs)
    faults = applied_faults(boot.jobs["0-whole"], drift_text(boot.jobs["2-checked"].out))
    if boot.jobs["0-whole"].out:
        faults.append(boot.jobs["0-whole"].out)
    rows = json.loads(boot.jobs["1-applied"].out)["changes"] if boot.jobs["1-applied"].out else []
    lines = boot.jobs["3-killed"].out.splitlines()
    kills = int(lines[-1]) if lines and lines[-1].isdigit() else 0
    faults += lines[:-1] + ([] if kills > 2 else [f"only {kills} runs were killed: {boot.jobs['3-killed'].err}"])
    print(f"{boot.seconds:5.1f} s  {where}: {len(rows)} changes, {kills} times killed", flush=True)
    return [f"{where}: {fault}" for fault in faults], [boot]


def main():
    given = harness.options(__doc__)
    kernels = harness.need(given)
    base = initramfs.base([given.topo])
    harness.finish(*harness.scenes(lambda one: scene(*one, base), [(case, kernel) for case in CASES for kernel in kernels]))


if __name__ == "__main__":
    main()
