"""torque-topo watch in a guest: a CPU goes and comes back, a cpuset shrinks, an interrupt moves; each is told, with its cause.

The interval is an hour where the kernel tells by itself, so that nothing but its word can be the reason, and a second for
the interrupt, of which nothing tells.
"""

import json

import guest
import harness
import initramfs

MACHINE = guest.Machine("8,sockets=1,cores=4,threads=2", devices=guest.nvme(queues=1))

# await N: until the file has N lines, or ten seconds are over. begin INTERVAL: watches, in a cpuset of its own.
PROLOGUE = """
await() { tries=0; while [ $(wc -l <$out) -lt $1 ] && [ $tries -lt 100 ]; do usleep 100000; tries=$((tries + 1)); done; }
begin() {
    mkdir -p /sys/fs/cgroup/group
    echo +cpuset >/sys/fs/cgroup/cgroup.subtree_control
    echo 0-7 >/sys/fs/cgroup/group/cpuset.cpus
    : >$out
    sh -c 'echo $$ >/sys/fs/cgroup/group/cgroup.procs
           exec torque-topo watch --json --layout /layout.json --interval '$1 >$out &
    watch=$!
    await 1
}
end() { kill -$1 $watch; wait $watch; echo "status $?" >>$out; cat $out; }
"""

HOTPLUG = PROLOGUE + """out=/tmp/hotplug
begin 1h
echo 0 >/sys/devices/system/cpu/cpu$cpu/online
await 2
echo 1 >/sys/devices/system/cpu/cpu$cpu/online
sleep 2
end INT"""

CPUSET = PROLOGUE + """out=/tmp/cpuset
begin 1h
echo 0-3 >/sys/fs/cgroup/group/cpuset.cpus
await 2
echo 0-7 >/sys/fs/cgroup/group/cpuset.cpus
await 3
end TERM"""

# The interrupt for the disk's administration is one that may be moved; where it goes shows when it comes.
INTERRUPT = PROLOGUE + """out=/tmp/interrupt
irq=$(sed -n 's/^ *\\([0-9]*\\):.*nvme0q0$/\\1/p' /proc/interrupts)
begin 1s
echo $cpu >/proc/irq/$irq/smp_affinity_list
echo 1 >/sys/class/nvme/nvme0/rescan_controller
await 2
echo 0 >/proc/irq/$irq/smp_affinity_list
echo 1 >/sys/class/nvme/nvme0/rescan_controller
await 3
end TERM"""


def events(job):
    """The documents and the exit status."""
    lines = job.out.splitlines()
    return [json.loads(line) for line in lines[:-1]], int(lines[-1].split()[1])


def hotplug_faults(found, status, cpu):
    went = [one for one in found if one["event"] == "drift" and one["id"] == "worker-cpus"]
    came = [one for one in found if one["event"] == "ok" and one["id"] == "worker-cpus"]
    if [one["cause"] for one in went + came] != [f"cpu{cpu} offline", f"cpu{cpu} online"]:
        return [f"a CPU went and came, and it tells {found}"]
    if "plan --workers 2 --keep /layout.json" not in went[0]["mend"] or status != 130:
        return [f"mend {went[0]['mend']}, exit status {status}"]
    return []


def cpuset_faults(found, status, _):
    told = [(one["event"], one["cause"]) for one in found if one.get("id") == "worker-cpus"]
    cause = "/sys/fs/cgroup/group/cpuset.cpus was written"
    return [] if (told, status) == ([("drift", cause), ("ok", cause)], 0) else [f"a cpuset shrank, and it tells {found}"]


def interrupt_faults(found, status, cpu):
    told = [(one["event"], one["cause"]) for one in found if one.get("id") == "irqs"]
    if (told, status) != ([("drift", "seen at the interval"), ("ok", "seen at the interval")], 0):
        return [f"an interrupt moved, and it tells {found}"]
    drift = next(one for one in found if one["event"] == "drift")
    return [] if f"(nvme0q0) on {cpu}" in drift["found"] else [f"the interrupt is told as {drift}"]


SCENES = {"hotplug": (HOTPLUG, hotplug_faults), "cpuset": (CPUSET, cpuset_faults), "interrupt": (INTERRUPT, interrupt_faults)}


def run(kernel, base):
    """(faults, boots)"""
    first = guest.boot(kernel, MACHINE, base, {"plan": "torque-topo plan -w 2"})
    layout = json.loads(first.jobs["plan"].out)
    cpu = layout["workers"][1]["cpu"]
    jobs = {name: f"cpu={cpu}\n{script}" for name, (script, _) in SCENES.items()}
    second = guest.boot(kernel, MACHINE, base, jobs, layout["boot"]["cmdline"], {"layout.json": first.jobs["plan"].out})
    print(f"{first.seconds:5.1f} s {second.seconds:5.1f} s  {kernel.series}", flush=True)
    faults = []
    for name, (_, judge) in SCENES.items():
        job = second.jobs[name]
        try:
            found = judge(*events(job), cpu)
        except (ValueError, IndexError, KeyError) as wrong:
            found = [f"it printed {job.out!r} and {job.err!r}: {wrong!r}"]
        faults += [f"{kernel.series}, {name}: {fault}" for fault in found]
    return faults, [first, second]


def main():
    given = harness.options(__doc__)
    kernels = harness.need(given)
    base = initramfs.base([given.topo])
    harness.finish(*harness.scenes(lambda kernel: run(kernel, base), kernels))


if __name__ == "__main__":
    main()
