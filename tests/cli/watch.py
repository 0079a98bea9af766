"""watch: drifts as they come and go, its lines and documents, how it ends, and what it costs while nothing happens."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import harness
from harness import ROOT, topo

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = json.loads((ROOT / "src" / "layout" / "schemas" / "torque.watch-1.schema.json").read_text())
HOSTNAME = "/proc/sys/kernel/hostname"
SECONDS_MAX = 30


def has_namespaces():
    """A name of our own can be changed without privilege and without harm."""
    if shutil.which("unshare") is None or shutil.which("hostname") is None:
        return False
    return subprocess.run(["unshare", "-ru", "hostname", "torque"], capture_output=True, check=False).returncode == 0


class Watch(harness.TestCase):
    def layout(self, **changes):
        done = topo("plan", "-w", "1")
        self.assertEqual(done.status, 0, done.err)
        layout = {**json.loads(done.out), "boot": {"cmdline": None, "args": []}, "isolated": "", "runtime": [], **changes}
        file = self.folder / "layout.json"
        file.write_text(json.dumps(layout))
        return file

    @contextlib.contextmanager
    def watch(self, *arguments, interval="1s", wrapper=()):
        """The program, running; killed at the end if it has not ended."""
        command = [*wrapper, harness.options.topo, "watch", "--interval", interval, *map(str, arguments)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=harness.environment()) as process:
            try:
                yield process
            finally:
                process.kill()

    def end(self, process, number):
        process.send_signal(number)
        rest, err = process.communicate(timeout=SECONDS_MAX)
        self.assertNotIn("error", err)
        return rest, process.returncode

    def test_signals_end_it(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 0)):
            with self.watch("--layout", self.layout()) as process:
                self.assertRegex(process.stdout.readline(), r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  start    \d+ ok, 0 drift, "
                                                            r"\d+ not checked; looking every 1 s\n\Z")
                self.assertEqual(self.end(process, number), ("", status))

    def test_a_drift_comes_and_goes(self):
        if not has_namespaces():
            self.skipTest("no namespace of our own may be made (unshare -ru)")
        file = self.layout(runtime=[{"path": HOSTNAME, "value": "torque-a", "why": "a test"}])
        names = self.folder / "names"
        os.mkfifo(names)
        script = f'hostname torque-a; while read -r name; do hostname "$name"; done <{names} & exec "$@"'
        with self.watch("-l", file, "--json", wrapper=("unshare", "-ru", "sh", "-c", script, "sh")) as process:
            with open(names, "w", encoding="ascii", buffering=1) as setter:
                documents = [json.loads(process.stdout.readline())]
                for name in ("torque-b", "torque-c", "torque-a"):
                    setter.write(name + "\n")
                    documents.append(json.loads(process.stdout.readline()))
            self.assertEqual(self.end(process, signal.SIGTERM), ("", 0))
        for document in documents:
            if jsonschema:
                jsonschema.Draft202012Validator(SCHEMA).validate(document)
        self.assertEqual([one["event"] for one in documents], ["start", "drift", "drift", "ok"])
        self.assertEqual([one["found"] for one in documents[1:]], ["torque-b", "torque-c", "torque-a"])
        self.assertEqual({one["source"] for one in documents[1:]}, {HOSTNAME})
        self.assertIn("torque-a", documents[1]["mend"])
        self.assertEqual((documents[0]["drift"], documents[0]["interval_ms"]), (0, 1000))

    def test_what_drifts_at_the_start_is_told(self):
        file = self.layout(runtime=[{"path": HOSTNAME, "value": "no-such-name", "why": ""}])
        with self.watch("-l", file) as process:
            self.assertIn(" 1 drift, ", process.stdout.readline())
            self.assertRegex(process.stdout.readline(),
                             r"Z  drift    runtime: expected no-such-name, found .* \[at the start\]; mend: echo ")
            self.end(process, signal.SIGTERM)

    def test_it_sleeps_in_between(self):
        """At an interval of a minute nothing runs, as the kernel counts its turns."""
        with self.watch("-l", self.layout(), interval="60s") as process:
            process.stdout.readline()
            status = pathlib.Path(f"/proc/{process.pid}/status")
            counts = []
            for _ in range(2):
                time.sleep(1)
                text = status.read_text(encoding="ascii")
                counts.append([line for line in text.splitlines() if line.startswith("voluntary_ctxt_switches")])
            self.end(process, signal.SIGTERM)
        self.assertEqual(*counts)

    def test_what_is_refused(self):
        file = self.layout()
        self.assert_fails(topo("watch"), 2, "--layout")
        self.assert_fails(topo("watch", "-l", self.folder / "none"), 1, "none")
        for interval in ("10ms", "0", "-1s", "25h", "soon", ""):
            self.assert_fails(topo("watch", "-l", file, f"--interval={interval}"), 2, "--interval")
        other = json.loads(file.read_text())
        other["machine"]["possible_cpus"], other["machine"]["fingerprint"] = "0-4095", "0" * 16
        file.write_text(json.dumps(other))
        self.assert_fails(topo("watch", "-l", file), 1, "another machine", "--force")


if __name__ == "__main__":
    harness.main()
