"""What the tests of the formats share: plans of made-up machines and of this one, and waiting for programs."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cli"))

import harness  # noqa: E402
from harness import topo  # noqa: E402

SBIN = ("/usr/sbin", "/sbin")
START_SECONDS_MAX = 20


def find(program):
    return shutil.which(program, path=os.pathsep.join((os.environ.get("PATH", ""), *SBIN)))


def cpus_of(task):
    """Where a process or thread may run, as the kernel says it: a folder of /proc."""
    return re.search(r"^Cpus_allowed_list:\s*(\S+)", pathlib.Path(task, "status").read_text(), re.MULTILINE).group(1)


class TestCase(harness.TestCase):
    def needs(self, *programs):
        for program in programs:
            if find(program) is None:
                self.skipTest(f"{program} is not installed")

    def plan(self, machine, *words):
        """The path of a layout."""
        path = self.folder / "layout.json"
        done = topo("plan", "--workers", *words, "-i", self.machine(machine), "-o", path)
        self.assertEqual(done.status, 0, done.err)
        return path

    def plan_here(self, cpus):
        """A layout of this machine with a worker on each of the CPUs, in their order."""
        layout = json.loads(topo("plan", "--workers", "1").out)
        worker = layout["workers"][0]
        layout["workers"] = [{**worker, "id": i, "cpu": cpu, "siblings": ""} for i, cpu in enumerate(cpus)]
        path = self.folder / "here.json"
        path.write_text(json.dumps(layout))
        return path

    def two_cpus(self):
        """Two CPUs of this machine, the higher one first, so that a program that sorts them is found out."""
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) < 2:
            self.skipTest("this machine has one CPU")
        return [cpus[1], cpus[0]]

    def emit(self, name, layout, file=None):
        """The text of the layout, also in a file of the test's folder."""
        done = topo("emit", name, "--layout", layout)
        self.assert_ok(done)
        path = self.folder / (file or name)
        path.write_text(done.out)
        return path

    def start(self, command, **how):
        """A program in the foreground; it and what it started end with the test."""
        output = (self.folder / "output").open("w+")
        self.addCleanup(output.close)
        process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT, start_new_session=True, **how)
        self.addCleanup(self.stop, process)
        return process

    @staticmethod
    def stop(process):
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, signal_number)
            except ProcessLookupError:
                pass
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                continue
        # The leader may have ended before its children.

    def wait_for(self, what, process, seconds=START_SECONDS_MAX):
        """What `what` returns once it is true; fails with the program's output when that takes too long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = what()
            if found:
                return found
            if process.poll() is not None:
                break
            time.sleep(0.05)
        raise self.failureException(f"it did not start: {(self.folder / 'output').read_text()[-2000:]}")
