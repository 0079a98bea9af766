"""install, commit and revert in guests that boot from a disk by GRUB and by systemd-boot.

The old line, a trial that is booted once, the old line again, a trial that is kept, what is kept, and what revert gives
back: each is a boot, and what the kernel was booted with and isolates is looked at in it.
"""

import pathlib
import tempfile
import time
from dataclasses import dataclass

import disks
import guest
import harness

MACHINE = guest.Machine("8,sockets=1,cores=4,threads=2", memory_mib=512)
LAYOUT = "torque-topo plan -w 1 -o /run/layout.json"
TRIAL = f"{LAYOUT} && torque-topo install -l /run/layout.json --trial --yes"
NOT_KEPT = "torque-topo commit --yes && echo kept"

# What is done in each boot, and whether it is to have the new line. The state of what revert has to give back is kept
# in a file of sums.
SUMS = ("find {files} -type f | grep -v -e '/stage$' -e '/before$' -e /torque/ | sort | xargs md5sum")
STAGES = (
    ("old", False, f"{SUMS} >$state/before; {NOT_KEPT}; {TRIAL}"),
    ("trial", True, "torque-topo show >/dev/null"),
    ("old again", False, f"{NOT_KEPT}; torque-topo revert --yes && {SUMS} | diff $state/before - && echo all is back; {TRIAL}"),
    ("second trial", True, "torque-topo commit && torque-topo commit --yes"),
    ("kept", True, f"{NOT_KEPT}; true"),
    ("kept for good", True, f"torque-topo revert --yes && {SUMS} | diff $state/before - && echo all is back; {LAYOUT}"
                            " && torque-topo install -l /run/layout.json --yes"),
    ("installed", True, "torque-topo revert --yes"),
    ("reverted", False, f"{SUMS} | diff $state/before - && echo all is back"),
)
WORDS = {
    "old": ["there is no trial to keep", "boot, and no other"],
    "old again": ["was booted with", "all is back", "boot, and no other"],
    "second trial": ["Nothing was written", "The next boot has the line"],
    "kept": ["there is no trial to keep"],
    "kept for good": ["all is back", "The next boot has the line"],
    "reverted": ["all is back"],
}


@dataclass(frozen=True)
class Case:
    name: str
    disk: object
    files: str     # folders that revert has to give back
    extra: int     # stages of the disk's own before these
    timeout_s: int


CASES = (Case("GRUB", disks.grub, "/boot/grub /etc", 1, 1800), Case("systemd-boot", disks.systemd_boot, "/boot", 0, 3000))


def faults_of(case, said, console):
    found, isolating = [], []
    for (name, is_new, _), text in zip(STAGES, said[case.extra:]):
        line, isolated = text.splitlines()[:2]
        has_line = " isolcpus=managed_irq,domain,6-7 " in line + " " and isolated == "6-7"
        if has_line != is_new:
            found.append(f"{name}: {'no ' if is_new else ''}isolation is in force: {line}, isolated {isolated!r}")
        if line.split().count("quiet") != 1:
            found.append(f"{name}: the rest of the line is {line}")
        found += [f"{name}: does not say {words!r}:\n{text}" for words in WORDS.get(name, ()) if words not in text]
        isolating.append(isolated)
    if len(isolating) != len(STAGES):
        found.append(f"{len(isolating)} of {len(STAGES)} boots: {said}\n{guest.tail(console, '')}")
    return found


def scene(case, kernel, given):
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="torque-boot-") as name:
        folder = pathlib.Path(name)
        stages = [script.replace("{files}", case.files) for _, _, script in STAGES]
        try:
            devices = case.disk(folder, kernel, given.topo, guest.COMMON_LINE, stages)
        except disks.Missing as why:
            print(f"{case.name}: left out: {why}")
            return [], []
        said, console = disks.boot(MACHINE, devices, folder, case.timeout_s)
    seconds = time.monotonic() - began
    print(f"{seconds:5.1f} s  {kernel.series}, {case.name}: {len(said)} boots", flush=True)
    boots = [guest.Boot("", "", {}, seconds / len(said)) for _ in said]
    return [f"{kernel.series}, {case.name}, {fault}" for fault in faults_of(case, said, console)], boots


def main():
    given = harness.options(__doc__, lists=[("--case", [case.name for case in CASES], "this only; may come again")])
    kernels = harness.need(given)
    wanted = [(case, kernel) for case in CASES for kernel in kernels if not given.case or case.name in given.case]
    faults, boots = harness.scenes(lambda one: scene(*one, given), wanted)
    if not faults and not boots:
        harness.skip("neither GRUB nor systemd-boot can be put on a disk here (Debian: grub-pc-bin; ovmf, systemd-boot-efi, mtools)")
    harness.finish(faults, boots)


if __name__ == "__main__":
    main()
