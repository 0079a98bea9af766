"""kill -9 of the program before any of the calls by which a file changes, by strace."""

import collections
import re
import shutil
import subprocess
import time

import harness

CALLS = ("write", "fdatasync", "fsync", "ftruncate", "openat", "mkdir", "mkdirat", "unlinkat", "renameat", "fchmod")
SECONDS_MAX = 60  # for each command; a busy machine does not come to every call in it, unit/tune does


class Killing:
    """For a TestCase with a folder. Programs that the program runs are left alone."""

    def setUp(self):
        super().setUp()
        if shutil.which("strace") is None:
            self.skipTest("strace is not installed")

    def strace(self, what, *command):
        return subprocess.run(["strace", *what, harness.options.topo, *map(str, command)], capture_output=True,
                              text=True, timeout=120, check=False,
                              env={**harness.environment(), "ASAN_OPTIONS": "detect_leaks=0"})

    def calls_of(self, *command):
        """(name, which of that name) of each call from the one that opens the journal on."""
        trace = self.folder / "trace"
        done = self.strace(["-o", trace, "-e", "trace=" + ",".join(CALLS)], *command)
        if done.returncode != 0:
            self.skipTest(f"strace cannot run the program here: {done.stderr.strip()[-200:]}")
        calls, seen, is_open = [], collections.Counter(), False
        for line in trace.read_text().split("\n"):
            call = re.match(r"(\w+)\(", line)
            if not call:
                continue
            seen[call.group(1)] += 1
            is_open = is_open or "/journal" in line and "O_RDWR" in line
            if is_open:
                calls.append((call.group(1), seen[call.group(1)]))
        return calls

    def kill_at_each(self, begin, end, least, *command):
        """begin() makes the machine as it is before the command, end(where) looks at it after the kill."""
        begin()
        calls = self.calls_of(*command)
        self.assertGreater(len(calls), least)
        deadline = time.monotonic() + SECONDS_MAX
        for i, (name, number) in enumerate(calls[::3] + calls[1::3] + calls[2::3]):
            if time.monotonic() > deadline and i > 10:
                break
            begin()
            done = self.strace(["-o", "/dev/null", "-e", f"trace={name}", "-e",
                                f"inject={name}:signal=KILL:when={number}"], *command)
            where = f"{command[0]} killed at {name} number {number}"
            self.assertIn(done.returncode, (-9, 137), where)
            end(where)
