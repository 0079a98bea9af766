"""What a plan's line does to the jitter of the CPUs that it isolates: measure jitter without it, and with it.

Emulation drowns most of it. QEMU's emulator runs the guest's CPUs in turn on one thread of ours, and translates code
when it is first met: gaps of every length come from there, thousands a second, with and without the line, and no
counter of the guest has them. So gaps and the share of time that is lost are not looked at. What the guest's kernel
does of itself can be shown:

- the tick. The kernel's count of local timer interrupts on the isolated CPU falls from up to 250 a second to one or two.
- the scheduler. With more programs than CPUs, the thread that watches waits and is preempted without the line, and
  hardly ever with it.
"""

import json
from dataclasses import dataclass

import guest
import harness
import initramfs

MACHINE = guest.Machine("4,sockets=1,cores=4,threads=1")
SECONDS = 3
MEASURE = f"torque-topo measure jitter --layout /layout.json --budget {SECONDS}s --json"
# Twice as many as there are CPUs, which the kernel may run where it likes.
LOADED = f"""pids=; for i in 1 2 3 4 5 6 7 8; do (while :; do :; done) & pids="$pids $!"; done
sleep 1; {MEASURE}; status=$?; kill $pids; exit $status"""


@dataclass(frozen=True)
class Noise:
    ticks_per_s: float
    waiting: float
    preemptions: int
    is_reliable: bool

    def __str__(self):
        return f"{self.ticks_per_s:6.1f} ticks/s, {self.waiting:5.1%} waiting, {self.preemptions:3} preemptions"


def noise_of(text):
    document = json.loads(text)
    rows = document["jitter"]
    ticks = sum(counter["count"] for row in rows for counter in row["counted"] if counter["name"] == "LOC")
    return Noise(ticks / sum(row["watched_ns"] / 1e9 for row in rows), document["waiting"],
                 max(row["preemptions"] for row in rows), document["reliable"])


def faults_of(quiet, loaded):
    """quiet, loaded: (without the line, with it)"""
    faults = []

    def claim(holds, what):
        if not holds:
            faults.append(what)
    claim(quiet[0].ticks_per_s > 20, f"without the line the CPU hardly ticks: {quiet[0]}")
    claim(quiet[1].ticks_per_s < quiet[0].ticks_per_s / 10, f"with the line the CPU ticks: {quiet[1]}")
    claim(loaded[0].waiting > 0.3 and loaded[0].preemptions > 10, f"without the line the load stays away: {loaded[0]}")
    claim(not loaded[0].is_reliable, "a CPU full of other programs is said to be measured reliably")
    claim(loaded[1].waiting < 0.05 and loaded[1].preemptions < loaded[0].preemptions / 5,
          f"with the line the load is there: {loaded[1]}")
    claim(loaded[1].is_reliable, "the load elsewhere is said to disturb the measurement")
    return faults


def boot_twice(kernel, base):
    """(faults, boots)"""
    jobs = {"1-quiet": MEASURE, "2-loaded": LOADED}
    plan = "torque-topo plan -w 1 -o /layout.json && cat /layout.json"
    first = guest.boot(kernel, MACHINE, base, {"0-plan": plan, **jobs})
    layout, before = first.jobs["0-plan"].out, first.jobs["2-loaded"].out
    line = json.loads(layout)["boot"]["cmdline"]
    compare = f"{MEASURE} >/after.json && torque-topo measure jitter --before /before.json --after /after.json --json"
    second = guest.boot(kernel, MACHINE, base, {**jobs, "3-compare": compare}, line,
                        {"layout.json": layout, "before.json": before})
    broken = [f"{kernel.series}, {name} ended with {job.status}: {job.err}" for boot in (first, second)
              for name, job in boot.jobs.items() if job.status != 0 or job.err]
    if broken:
        return broken, [first, second]
    noises = [[noise_of(boot.jobs[name].out) for boot in (first, second)] for name in jobs]
    for words, pair in zip(("nothing else runs", "8 programs run  "), noises):
        print(f"{kernel.series}, {words}: without the line {pair[0]}; with it {pair[1]}", flush=True)
    faults = faults_of(*noises)
    notes = json.loads(second.jobs["3-compare"].out)["notes"]
    if notes != ["before is not reliable: the machine was too busy"]:
        faults.append(f"the comparison notes {notes}")
    return [f"{kernel.series}: {fault}" for fault in faults], [first, second]


def main():
    given = harness.options(__doc__)
    kernels = harness.need(given)
    base = initramfs.base([given.topo])
    harness.finish(*harness.scenes(lambda kernel: boot_twice(kernel, base), kernels))


if __name__ == "__main__":
    main()
