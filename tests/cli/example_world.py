"""Where the manual's examples run: a folder with the build's programs and stand-ins for what is elsewhere on the PATH."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import harness
import hostile

SCHEMAS = harness.ROOT / "src" / "layout" / "schemas"
LATENCIES = "0,20,90,90\n20,0,90,90\n90,90,0,20\n90,90,20,0\n"

# What the pages take from elsewhere. `ssh server` is a folder, and the server is the page's 20-CPU machine.
STAND_INS = {
    "ssh": 'shift; cd "$HOME/server" && exec "$@"',
    "scp": 'cp "$HOME/server/$(basename "${1#*:}")" "$2"',
    "hwloc-gather-topology": 'cp "$HOME/fixtures/hybrid.tar.bz2" "$(basename "$1").tar.bz2"',
    "cpuid": 'cat "$HOME/fixtures/cpuid.txt"',
    "vi": 'test -w "$1"',
    "sudo": 'exec "$@"',
}

# A page about the 20-CPU machine speaks of it as "this machine".
ABOUT_HYBRID = """case $1 in
show | plan | lint | check)
    case " $* " in
    *" --input "* | *" -i "* | *" --help "*) ;;
    *) set -- "$@" --input "$HOME/fixtures/hybrid.tar.bz2" ;;
    esac ;;
esac
exec {topo} "$@"
"""


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def hybrid_with_network():
    import catalogue
    import machines
    from files import files_of
    files = files_of(machines.machine("hybrid"))
    return {**files, **catalogue.nic("eth0", "0000:81:00.0", 0, "0-19", 8, 64)}


def write_machine(path):
    """The page's 20-CPU machine, with a network interface; and beside it the one without."""
    import machines
    import tarball
    machines.write_tar("hybrid", path.with_name("plain.tar.bz2"))
    from files import Link
    with machines.tar_stream(path) as out:
        for inner, content in sorted(hybrid_with_network().items()):
            is_link = isinstance(content, Link)
            out.write(tarball.entry(f"hybrid/{inner}", kind=tarball.LINK, target=content.target) if is_link
                      else tarball.entry(f"hybrid/{inner}", content.encode()))
        out.write(tarball.END)


class World:
    """One page's: what a command leaves is there for the next one. Ends what still runs when it is closed."""

    def __init__(self, programs, is_about_hybrid):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="torque-"))
        self.port, self.lasting = free_port(), []
        for name in ("bin", "fixtures", "server", "here"):
            (self.home / name).mkdir()
        self.here = self.home / "here"
        write_machine(self.home / "fixtures" / "hybrid.tar.bz2")
        (self.home / "fixtures" / "cpuid.txt").write_bytes(hostile.DUMP)
        (self.here / "latencies.csv").write_text(LATENCIES)
        for name, text in STAND_INS.items():
            script(self.home / "bin" / name, text)
        script(self.here / "server", "true")
        topo = ABOUT_HYBRID if is_about_hybrid else 'exec {topo} "$@"'
        script(self.home / "bin" / "torque-topo", topo.format(topo=programs["topo"]))
        listen = f'case "$*" in *--listen*) ;; *) set -- "$@" --listen 127.0.0.1:{self.port} ;; esac\n'
        script(self.home / "bin" / "torque-serve", f'{listen}exec {programs["serve"]} "$@"')
        # Less than the ten seconds that a measurement ought to take; the last word counts.
        script(self.home / "bin" / "torque-load", f'exec {programs["load"]} "$@" --duration 200ms --warm-up 0ms')
        (self.home / "bin" / "python3").symlink_to(sys.executable)
        self.environment = harness.environment(LC_ALL="C.UTF-8", HOME=str(self.home), PATH=f"{self.home}/bin:" + os.environ["PATH"])

    def as_here(self, text):
        return text.replace("8080", str(self.port)).replace("/usr/share/torque/schemas", str(SCHEMAS))

    def start(self, text):
        # A group of its own, so that all of it can be ended.
        return subprocess.Popen(["bash", "-c", self.as_here(text)], cwd=self.here, env=self.environment, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                start_new_session=True)

    def run(self, text, timeout_s=300):
        """(exit status, all that it printed)"""
        process = self.start(text)
        try:
            said, _ = process.communicate(timeout=timeout_s)
            return process.returncode, said
        finally:
            end(process)

    def keep_running(self, text, is_ready, timeout_s=120):
        """Starts it and leaves it running; gives what it said if it ended."""
        process = self.start(text)
        self.lasting.append(process)
        limit = time.monotonic() + timeout_s
        while time.monotonic() < limit:
            if process.poll() is not None:
                return process.stdout.read() or "nothing"
            if is_ready(self):
                return None
            time.sleep(0.05)
        return f"not ready after {timeout_s} s"

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def close(self):
        for process in self.lasting:
            end(process)
        shutil.rmtree(self.home)


def end(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
    process.stdout.close()
