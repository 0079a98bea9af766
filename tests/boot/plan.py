"""A plan made in a guest holds in the guest that is booted with its line: check finds no drift.

Each machine is booted as it is, where torque-topo plans, and booted again with exactly the line of that plan. Files that
the plan wants written are written there before check looks.
"""

import json
import shutil
import subprocess
from dataclasses import dataclass

import guest
import harness
import initramfs

FOUR_NODES = guest.Machine(
    "16,sockets=4,cores=2,threads=2", nodes=(("0-3", 128), ("4-7", 96), ("8-11", 128), ("12-15", 96)),
    distances=((10, 12, 32, 34), (14, 10, 30, 32), (32, 30, 10, 12), (34, 32, 14, 10)))

# Queue pairs of a virtio interface need a tap, which a network namespace of our own may have without privilege. The
# bridge in front of it is on node 1.
QUEUES = ("-netdev", "tap,id=net,ifname=tap0,script=no,downscript=no,queues=4",
          "-device", "pxb-pcie,id=far,bus_nr=64,numa_node=1,bus=pcie.0",
          "-device", "pcie-root-port,id=slot0,bus=far,chassis=1",
          "-device", "virtio-net-pci,netdev=net,mq=on,vectors=10,bus=slot0")


@dataclass(frozen=True)
class Case:
    name: str
    machine: guest.Machine
    plan: str
    workers: int
    leftovers: bool = False  # the plan says that interrupts are left over
    prepare: str = "true"
    needs_tap: bool = False
    booted_with: str = ""  # in both boots
    isolated: str | None = None


CASES = (
    Case("threads", guest.Machine("8,sockets=1,cores=4,threads=2"), "-w 2", 2),
    # That they are threads of the workers' cores, the offline CPUs' APIC ids tell alone.
    Case("SMT switched off", guest.Machine("8,sockets=1,cores=4,threads=2"), "-w 2", 2, booted_with="nosmt",
         isolated="4-7"),
    Case("four nodes", FOUR_NODES, "-w 4", 4),
    Case("four nodes, huddled", FOUR_NODES, "-w 2 --policy huddle --profile syscall", 2),
    Case("a disk of one queue", guest.Machine("8,sockets=1,cores=4,threads=2", devices=guest.nvme(1)), "-w 2", 2),
    Case("a disk of two queues", guest.Machine("8,sockets=1,cores=4,threads=2", devices=guest.nvme(2)), "-w 2", 2,
         leftovers=True),
    Case("a disk with a queue for each CPU", guest.Machine("8,sockets=1,cores=4,threads=2", devices=guest.nvme(8)),
         "-w 2", 2, leftovers=True),
    Case("a network interface of four queues",
         guest.Machine("12,sockets=2,cores=3,threads=2", nodes=(("0-5", 192), ("6-11", 192)), devices=QUEUES,
                       modules=("virtio_pci", "virtio_net")),
         "-w 2 --near eth0", 2, prepare="ip link set eth0 up", needs_tap=True),
)

# Writes what the plan wants written, one file a line in the layout.
KNOBS = r"""sed -n 's/^ *{"path": "\([^"]*\)", "value": "\([^"]*\)".*/\1 \2/p' /layout.json |
    while read -r path value; do echo "$value" >"$path" || echo "refused: $path"; done"""


def has_tap():
    """May an unprivileged network namespace have a tap here?"""
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        return False
    done = subprocess.run(["unshare", "-rn", "ip", "tuntap", "add", "tap0", "mode", "tap", "multi_queue"],
                          capture_output=True, check=False)
    return done.returncode == 0


def drift_text(document):
    return "; ".join(f"{row['id']}: expected {row['expected']}, found {row['found']}"
                     for row in document["checks"] if row["status"] == "drift")


def boot_twice(case, kernel, base):
    """(faults, boots)"""
    where, how = f"{kernel.series}, {case.name}", {"wrapper": ("unshare", "-rn") if case.needs_tap else ()}
    plan = f"{case.prepare} && torque-topo plan {case.plan}"
    first = guest.boot(kernel, case.machine, base, {"plan": plan}, case.booted_with, **how)
    planned = first.jobs["plan"]
    if planned.status != 0 or planned.err:
        return [f"{where}: plan ended with {planned.status}: {planned.err}"], [first]
    layout = json.loads(planned.out)
    line = f'{case.booted_with} {layout["boot"]["cmdline"]}'.strip()
    jobs = {"0-lint": "torque-topo lint", "1-knobs": f"{case.prepare}; {KNOBS}",
            "2-check": "torque-topo check --json --layout /layout.json", "3-interrupts": "cat /proc/interrupts"}
    second = guest.boot(kernel, case.machine, base, jobs, line, {"layout.json": planned.out}, **how)
    print(f"{first.seconds:5.1f} s {second.seconds:5.1f} s  {where}: {line}", flush=True)
    return [f"{where}: {fault}" for fault in faults_of(case, layout, second)], [first, second]


def faults_of(case, layout, second):
    faults = []
    if len(layout["workers"]) != case.workers:
        faults.append(f"the plan has {len(layout['workers'])} workers")
    if case.isolated not in (None, layout["isolated"]):
        faults.append(f"the plan isolates CPUs {layout['isolated']}, not {case.isolated}")
    if any("managed interrupt" in text for text in layout["leftovers"]) != case.leftovers:
        faults.append(f"the plan's leftovers are {layout['leftovers']}")
    if second.jobs["0-lint"].status != 0:
        faults.append(f"lint of the emitted line: {second.jobs['0-lint'].out}")
    if second.jobs["1-knobs"].out:
        faults.append(f"knobs: {second.jobs['1-knobs'].out}")
    job = second.jobs["2-check"]
    document = json.loads(job.out) if job.out else None
    if document is None or job.status != 0:
        faults.append(f"check ended with {job.status}: {drift_text(document) if document else job.err}")
        faults.append(f"interrupts:\n{second.jobs['3-interrupts'].out}")
    elif {"isolated", "boot-line", "refused", "tasks"} - {row["id"] for row in document["checks"] if row["status"] == "ok"}:
        faults.append(f"check did not look at what matters: {document['checks']}")
    return faults


def main():
    given = harness.options(__doc__, lists=[("--case", [case.name for case in CASES], "this one only; may come again")])
    kernels = harness.need(given)
    base = initramfs.base([given.topo])
    asked = [case for case in CASES if not given.case or case.name in given.case]
    cases = [case for case in asked if not case.needs_tap or has_tap()]
    for case in asked:
        if case not in cases:
            print(f"{case.name}: left out: no tap may be made in a namespace of its own (unshare -rn, /dev/net/tun)")
    harness.finish(*harness.scenes(lambda one: boot_twice(*one, base), [(case, kernel) for case in cases for kernel in kernels]))


if __name__ == "__main__":
    main()
