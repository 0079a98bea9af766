"""The guest's file system as a cpio archive: busybox, programs of this machine with their libraries, modules, jobs."""

import lzma
import pathlib
import re
import shutil
import stat
import subprocess

FOLDERS = ("bin", "dev", "etc", "job", "lib", "modules", "out", "proc", "run", "sys", "tmp", "usr/bin", "usr/sbin", "sbin")

# How every process 1 begins.
START = """#!/bin/sh
export PATH=/bin:/sbin:/usr/bin:/usr/sbin HOME=/
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run
"""

# Process 1. What the jobs say goes out as one archive on a serial line of its own, so that no kernel message can mix
# with it. Nothing is mounted over /tmp: programs under test may come from there.
INIT = START + """mount -t debugfs debugfs /sys/kernel/debug
ip link set lo up
while read -r module; do insmod "/modules/$module" || echo "no module $module"; done </modules/order
for job in /job/*; do
    name=${job##*/}
    sh "$job" >"/out/$name.out" 2>"/out/$name.err" </dev/null
    echo $? >"/out/$name.status"
done
stty -F /dev/ttyS1 raw -echo
tar -C /out -c . | gzip -1 >/dev/ttyS1
reboot -f
"""


class Archive:
    """A cpio archive in the form "newc" (Documentation/driver-api/early-userspace/buffer-format.rst)."""

    def __init__(self):
        self.parts, self.names, self.bytes = [], set(), 0

    def add(self, name, mode, content=b""):
        name = name.strip("/")
        if name in self.names:
            return
        for folder in reversed(pathlib.PurePosixPath(name).parents):
            if str(folder) not in (".", *self.names) and name != "TRAILER!!!":
                self.add(str(folder), stat.S_IFDIR | 0o755)
        self.names.add(name)
        links = 2 if stat.S_ISDIR(mode) else 1
        fields = (len(self.names), mode, 0, 0, links, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        self._put(b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0")
        self._put(content)

    def _put(self, data):
        data += b"\0" * (-len(data) % 4)
        self.parts.append(data)
        self.bytes += len(data)

    def folder(self, name):
        self.add(name, stat.S_IFDIR | 0o755)

    def file(self, name, content, mode=0o644):
        self.add(name, stat.S_IFREG | mode, content.encode() if isinstance(content, str) else content)

    def link(self, name, target):
        self.add(name, stat.S_IFLNK | 0o777, target.encode())

    def program(self, source, name):
        """An executable with its loader and its shared libraries, which stay where this machine has them."""
        source = pathlib.Path(source)
        self.file(name, source.read_bytes(), 0o755)
        said = subprocess.run(["ldd", str(source)], capture_output=True, text=True, check=False).stdout
        for library in re.findall(r"(?:=> |^\s*)(/\S+) \(0x", said, re.MULTILINE):
            self.file(library, pathlib.Path(library).read_bytes(), 0o755)

    def take(self):
        self.add("TRAILER!!!", 0)
        return b"".join(self.parts)


def module_bytes(path):
    data = path.read_bytes()
    return lzma.decompress(data) if path.suffix == ".xz" else data


def module_files(kernel, names):
    """(name, content) of the modules and of those that they need, each after what it needs."""
    builtin = (kernel.modules / "modules.builtin").read_text(encoding="ascii").replace("-", "_")
    found = {}

    def add(name):
        name = name.replace("-", "_")
        if name in found or f"/{name}.ko\n" in builtin:
            return
        pattern = name.replace("_", "[-_]")
        path = next(kernel.modules.rglob(f"{pattern}.ko*"), None)
        if path is None:
            raise LookupError(f"kernel {kernel.release} has no module {name}")
        content = module_bytes(path)
        for needed in re.search(rb"\0depends=([^\0]*)\0", content).group(1).decode().split(","):
            if needed:
                add(needed)
        found[name] = content

    for name in names:
        add(name)
    return list(found.items())


def busybox():
    """Where the static busybox is, or None."""
    path = shutil.which("busybox")
    if path is None or subprocess.run(["ldd", path], capture_output=True, check=False).returncode == 0:
        return None
    return path


def base(programs=()):
    """What every guest has. `programs`: paths on this machine; each lies in /bin of the guest."""
    archive = Archive()
    for name in FOLDERS:
        archive.folder(name)
    archive.file("bin/busybox", pathlib.Path(busybox()).read_bytes(), 0o755)
    for applet in subprocess.run([busybox(), "--list"], capture_output=True, text=True, check=True).stdout.split():
        archive.link(f"bin/{applet}", "busybox")
    archive.file("init", INIT, 0o755)
    for source in programs:
        archive.program(source, f"bin/{pathlib.Path(source).name}")
    return archive.take()


def extra(kernel, jobs, files, modules):
    """What one boot has beside: its jobs (shell scripts by name, run in the names' order), files and modules."""
    archive = Archive()
    for name, script in jobs.items():
        archive.file(f"job/{name}", script + "\n")
    for name, content in files.items():
        archive.file(name, content)
    order = module_files(kernel, modules)
    for name, content in order:
        archive.file(f"modules/{name}.ko", content)
    archive.file("modules/order", "".join(f"{name}.ko\n" for name, _ in order))
    return archive.take()
