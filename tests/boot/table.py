"""Boot lines: what lint says comes of them is what comes of them, check finds it, and the mended line holds.

Each line of lines.py is linted for a copy of the guest's machine, then booted. What the kernel shows must be what lint
said; check, in the guest, must find the difference to the line as it was meant. With --quick a few lines are booted, and
what lint says of the others is compared with what torque-boot-lines(7) tells of their boots; without, all are booted,
with their mended forms, and the page must be what they give. --write writes the page.
"""

import functools
import json
import pathlib
import tempfile
from dataclasses import dataclass, field

import cpus
import facts
import guest
import harness
import initramfs
import page
from kernels import PACKAGES
from lines import LINES

MACHINE = guest.Machine("20,sockets=1,cores=10,threads=2", devices=guest.nvme(queues=2))
CHECK = "torque-topo check --json --layout /layout.json"
LINT = "torque-topo lint --json"  # of the line that it was booted with


@dataclass
class Row:
    """One line on one kernel, before its boot and after."""
    line: object
    kernel: object
    text: str       # what is booted: the line, or its mended form
    lint: dict      # lint's document for it
    layout: dict    # of what was meant
    meant: dict     # lint's effect of that
    said: dict = field(default_factory=dict)
    real: dict = field(default_factory=dict)
    check: dict = field(default_factory=dict)
    refusal: str = ""  # why check says nothing of the kernel
    boot: object = None
    death: str = ""  # it has not come to its end

    def __str__(self):
        return f"{self.kernel.series}, {self.text!r}"


@functools.lru_cache(maxsize=None)
def lint(topo, text, snapshot):
    status, out = harness.topo(topo, "lint", "--json", "--input", snapshot, text)
    document = json.loads(out)
    faults = [finding for finding in document["findings"] if finding["severity"] != "note"]
    if status != (4 if faults else 0):
        raise RuntimeError(f"lint {text!r}: exit status {status} for {len(faults)} faults")
    return document


class Subjects:
    """The machine under each kernel: a copy of its files, and a plan for it."""

    def __init__(self, given, kernels, base, folder):
        self.given, self.files, self.plans = given, {}, {}
        plain = harness.each(lambda one: guest.boot(one, MACHINE, base, {"copy": "torque-topo gather -o -"}), kernels)
        for kernel, booted in zip(kernels, plain):
            self.files[kernel.series] = folder / f"{kernel.series}.tar"
            self.files[kernel.series].write_bytes(booted.jobs["copy"].raw)
            self.plans[kernel.series] = json.loads(
                harness.topo(given.topo, "plan", "-w", 4, "--cpus", "0-11", "-i", self.files[kernel.series])[1])
        self.boots = plain

    def row(self, line, kernel, mended=False):
        """The line itself, or its mended form; None where it needs no mending or cannot be mended."""
        snapshot = self.files[kernel.series]
        document = lint(self.given.topo, line.text, snapshot)
        text = document["mended"] if mended else line.text
        if text is None:
            return None
        if mended:
            document = lint(self.given.topo, text, snapshot)
        meant = document["line"] if document["mended"] is None else document["mended"]
        effect = lint(self.given.topo, meant, snapshot)["effect"]
        return Row(line, kernel, text, document, self.layout(meant, effect, kernel), effect, facts.predicted(document))

    def layout(self, meant, effect, kernel):
        """The machine's plan, with what the line was meant to be as its boot line."""
        isolated = cpus.from_list(effect["isolated"])
        return {**self.plans[kernel.series], "boot": {"cmdline": meant, "args": []}, "isolated": effect["isolated"],
                "housekeeping": cpus.to_list(set(range(20)) - isolated)}


def run(row, base):
    jobs = {"check": CHECK, "facts": facts.JOB, "lint": LINT}
    try:
        row.boot = guest.boot(row.kernel, MACHINE, base, jobs, row.text, {"layout.json": json.dumps(row.layout)})
    except guest.Died as death:
        row.death = str(death)
        return
    row.real = facts.read(row.boot)
    job = row.boot.jobs["check"]
    row.check = json.loads(job.out or "{}")
    row.refusal = "" if job.out else job.err.partition("\n")[0].partition("error: ")[2].partition(": ")[2] or job.err
    print(f"{row.boot.seconds:5.1f} s  {row}", flush=True)
    for fault in row_faults(row):
        print(f"         {fault}", flush=True)


def drifts(row):
    return [check["id"] for check in row.check.get("checks", []) if check["status"] == "drift"]


def found_text(row):
    """What check has to say of the boot, for the page."""
    return f"refuses: {row.refusal}" if row.refusal else ", ".join(dict.fromkeys(drifts(row))) or "nothing"


def has_finding(row, name):
    return any(one["id"] == name for one in row.lint["findings"])


def seed_faults(row):
    """The line that this project began with: lint tells its fault before the boot, check what it led to after it."""
    if row.line.name != "colon" or row.text != row.line.text:
        return []
    meant = next(line.text for line in LINES if line.name == "full")
    faults, checks = [], {check["id"]: check for check in row.check["checks"]}
    if not has_finding(row, "isolcpus-invalid-flag") or row.lint["mended"] != meant:
        faults.append(f"{row}: lint mends it to {row.lint['mended']!r}, and not to {meant!r}")
    wanted = {"isolated": ("4-11", "none"), "refused": ("none", "isolcpus=managed_irq,domain:4-11")}
    for name, (expected, found) in wanted.items():
        check = checks.get(name, {})
        if (check.get("status"), check.get("expected"), check.get("found")) != ("drift", expected, found) or not check["mend"]:
            faults.append(f"{row}: check says {check} of {name}")
    return faults


def check_faults(row):
    """What check says against what the kernel shows."""
    job = row.boot.jobs["check"]
    # With fewer CPUs possible it is no longer the machine that the layout is for.
    is_other = any(word.startswith(("nr_cpus=", "possible_cpus=")) for word in row.text.split())
    if is_other != ("is for another machine" in row.refusal) or bool(row.refusal) != is_other:
        return [f"{row}: check ended with {job.status}: {row.refusal or row.check}"]
    if is_other:
        return [] if job.status == 1 else [f"{row}: check refuses, and ended with {job.status}"]
    found, faults = drifts(row), []
    if job.status != (4 if found else 0):
        faults.append(f"{row}: check ended with {job.status}, and finds {found}")
    errors = [one["id"] for one in row.lint["findings"] if one["severity"] != "note"]
    # Without the flag managed_irq the disk's interrupts may come to isolated CPUs, of which lint has a note.
    may_be = {"irqs"} if has_finding(row, "isolcpus-without-managed-irq") else set()
    if row.real["online"] != set(range(20)):
        may_be.add("worker-cpus")  # the line keeps CPUs of the plan's workers offline
    if not errors and set(found) - may_be:
        faults.append(f"{row}: lint finds nothing, and check {found}: {row.check['checks']}")
    if ("refused" in found) != bool(row.real["for_init"]):
        faults.append(f"{row}: process 1 got {row.real['for_init']}, and check finds {found}")
    for name, check_id in (("isolated", "isolated"), ("nohz_full", "nohz-full")):
        meant = cpus.from_list(row.meant[name])
        if (check_id in found) != (row.real[name] != meant and bool(meant)):
            faults.append(f"{row}: meant {name} {row.meant[name]}, and check finds {found}")
    return faults


def row_faults(row):
    faults = [f"{row}: {text}" for text in facts.differences(row.said, row.real, row.text)]
    faults += [f"{row}: {text}" for text in facts.offline_faults(row.lint["findings"], row.real)]
    live = json.loads(row.boot.jobs["lint"].out)["effect"]
    if live["isolated"] != row.lint["effect"]["isolated"] or live["nohz_full"] != row.lint["effect"]["nohz_full"]:
        faults.append(f"{row}: lint says otherwise in the guest: {live}")
    return faults + check_faults(row) + seed_faults(row)


def managed_faults(rows):
    """The disk's interrupt shows what the flag is for: it comes to an isolated CPU without it."""
    for name, is_astray in (("domain", True), ("full", False)):
        for row in rows:
            if row.line.name != name or row.text != row.line.text:
                continue
            there = [mask & there & row.real["isolated"] for mask, there in row.real["managed"]]
            if any(there) != is_astray:
                yield f"{row}: managed interrupts are {row.real['managed']}, isolated {row.real['isolated']}"


def rows_to_boot(subjects, kernels, given):
    """Of the lines themselves, and of mended forms that are no lines of the table."""
    rows, mended = [], {}
    for line in LINES:
        if (given.quick and not line.is_quick) or (given.line and line.name not in given.line):
            continue
        for kernel in kernels:
            rows.append(subjects.row(line, kernel))
            row = None if given.quick else subjects.row(line, kernel, mended=True)
            if row and row.text not in [other.text for other in LINES]:
                mended[row.text, kernel.series] = row
    return rows, list(mended.values())


def blocks_of(rows):
    """Of the lines that were booted on each kernel."""
    booted = {line.name: [row for row in rows if row.line == line] for line in LINES}
    return {name: page.block(of_line, found_text) for name, of_line in booted.items() if len(of_line) == len(PACKAGES)}


def page_faults(subjects, kernels, booted):
    """The page against the boots; for what was not booted, against what lint says now."""
    blocks, faults = page.read(harness.ROOT), []
    for line in LINES:
        block = blocks.get(line.name, "")
        if line.name in booted and booted[line.name] != block:
            faults.append(f"{page.PATH}: {line.name} is\n{block}and should be\n{booted[line.name]}")
        for text in page.expected_parts([subjects.row(line, kernel) for kernel in kernels]):
            if text not in block:
                faults.append(f"{page.PATH}: {line.name} is\n{block}and does not have\n{text}")
    return faults + ["lint or a kernel has changed; where it is right, see --write"] * bool(faults)


def main():
    given = harness.options(__doc__, ("--quick", "boot a few lines only"), ("--write", "write what was booted to the page"),
                            lists=[("--line", [line.name for line in LINES], "boot this line only; may come again")])
    kernels = harness.need(given)
    base = initramfs.base([given.topo])
    with tempfile.TemporaryDirectory(prefix="torque-boot-") as folder:
        subjects = Subjects(given, kernels, base, pathlib.Path(folder))
        rows, mended = rows_to_boot(subjects, kernels, given)
        harness.each(lambda row: run(row, base), rows + mended)
        faults = [row.death for row in rows + mended if row.death]
        rows, mended = [row for row in rows if row.boot], [row for row in mended if row.boot]
        faults += [fault for row in rows + mended for fault in row_faults(row)]
        faults += managed_faults(rows)
        faults += [f"{row}: lint mends it to what is mended again" for row in mended if row.lint["mended"] is not None]
        if given.write:
            page.write(harness.ROOT, [line.name for line in LINES], blocks_of(rows))
        elif not given.kernel:
            faults += page_faults(subjects, kernels, blocks_of(rows))
    harness.finish(faults, [*subjects.boots, *(row.boot for row in rows + mended)])


if __name__ == "__main__":
    main()
