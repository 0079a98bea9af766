"""A guest: QEMU boots a kernel on a machine of our making, runs jobs in it, and gives what they said."""

import io
import pathlib
import re
import subprocess
import tarfile
import tempfile
import time
from dataclasses import dataclass

import initramfs

QEMU = "qemu-system-x86_64"

# The processor is emulated by one thread that runs the guest's CPUs in turn. With one thread for each, a guest of more
# CPUs than the machine has takes several times as long; and a /dev/kvm that opens need not work (nested, sandboxed).
ACCELERATOR = "tcg,thread=single"

# lpj: calibrating it costs time on each CPU. no_timer_check: on a busy machine the check fails now and then, and the
# boot with it. mitigations: page table isolation empties the emulated TLB on every system call.
COMMON_LINE = "console=ttyS0 panic=-1 lpj=10000000 no_timer_check cryptomgr.notests mitigations=off"


class Died(Exception):
    """The guest did not come to its end; the text has the end of its console."""


@dataclass(frozen=True)
class Machine:
    """What QEMU builds. Sizes are in MiB."""
    smp: str = "4"
    memory_mib: int = 384
    nodes: tuple = ()      # (CPU list, MiB) each; no CPUs: "", no memory: 0
    distances: tuple = ()  # rows; empty: the kernel's default
    devices: tuple = ()    # arguments of QEMU
    modules: tuple = ()

    def arguments(self):
        words = ["-smp", self.smp, "-m", f"{sum(mib for _, mib in self.nodes) or self.memory_mib}M"]
        for number, (cpus, mib) in enumerate(self.nodes):
            ranges = "".join(f",cpus={part}" for part in cpus.split(",") if part)
            memory = f",memdev=memory{number}" if mib else ""
            if mib:
                words += ["-object", f"memory-backend-ram,id=memory{number},size={mib}M"]
            words += ["-numa", f"node,nodeid={number}{ranges}{memory}"]
        for source, row in enumerate(self.distances):
            for target, distance in enumerate(row):
                if source != target:
                    words += ["-numa", f"dist,src={source},dst={target},val={distance}"]
        return [*words, *self.devices]


def nvme(queues):
    """A disk of zeroes with `queues` queues, whose interrupts the kernel manages."""
    return ("-blockdev", "driver=null-co,node-name=zero,size=67108864,read-zeroes=on", "-device",
            f"nvme,serial=zero,drive=zero,max_ioqpairs={queues},msix_qsize={queues + 1}")


@dataclass(frozen=True)
class Job:
    status: int
    raw: bytes  # what it wrote to its standard output
    err: str

    @property
    def out(self):
        return self.raw.decode(errors="replace")


@dataclass(frozen=True)
class Boot:
    line: str      # all of it, as the kernel got it
    console: str   # what the kernel said
    jobs: dict     # by name
    seconds: float


def tail(console, qemu):
    """The last words, without QEMU's complaint for each CPU that its emulation lacks a feature."""
    said = [line for line in qemu.splitlines() if "TCG doesn" not in line]
    return "\n".join([*said[-5:], *console.splitlines()[-15:]])


def read_jobs(packed):
    files = {}
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            if member.isfile():
                files[pathlib.PurePosixPath(member.name).name] = archive.extractfile(member).read()
    names = [name[: -len(".status")] for name in files if name.endswith(".status")]
    return {name: Job(int(files[f"{name}.status"]), files[f"{name}.out"], files[f"{name}.err"].decode(errors="replace"))
            for name in names}


def boot(kernel, machine, base, jobs, line="", files=None, timeout_s=300, wrapper=()):
    """Boots once. `base` is initramfs.base(); `line` is added to the boot line; jobs are shell scripts by name.

    `wrapper`: words to put before QEMU's command.
    """
    whole = f"{COMMON_LINE} {line}".strip()
    with tempfile.TemporaryDirectory(prefix="torque-boot-") as name:
        folder = pathlib.Path(name)
        (folder / "initrd").write_bytes(base + initramfs.extra(kernel, jobs, files or {}, machine.modules))
        for serial in ("console", "jobs"):
            (folder / serial).touch()
        command = [*wrapper, QEMU, "-accel", ACCELERATOR, "-machine", "q35", "-cpu", "Skylake-Server", "-nodefaults",
                   "-no-user-config", "-display", "none", "-no-reboot", *machine.arguments(), "-kernel",
                   str(kernel.image), "-initrd", str(folder / "initrd"), "-append", whole,
                   "-serial", f"file:{folder / 'console'}", "-serial", f"file:{folder / 'jobs'}"]
        began = time.monotonic()
        why = ""
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=timeout_s)
            said = done.stderr.decode(errors="replace")
        except subprocess.TimeoutExpired as late:
            why, said = f"it took more than {timeout_s} s", (late.stderr or b"").decode(errors="replace")
        seconds = time.monotonic() - began
        console = (folder / "console").read_text(encoding="utf-8", errors="replace").replace("\r", "")
        packed = (folder / "jobs").read_bytes()
    if why or not packed:
        raise Died(f"kernel {kernel.release}, {line!r}: {why or 'no job ended'}\n{tail(console, said)}")
    return Boot(whole, console, read_jobs(packed), seconds)


def version():
    """QEMU's, as (7, 2); None where it is not installed."""
    try:
        said = subprocess.run([QEMU, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return None
    found = re.search(r"version (\d+)\.(\d+)", said)
    return (int(found.group(1)), int(found.group(2))) if found else None
