"""apply and revert on made-up machines in a folder: what they write, tell and refuse, and kill -9 at any point."""

import json
import os
import shutil

import harness
import killing
from harness import ROOT, topo

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = json.loads((ROOT / "src" / "layout" / "schemas" / "torque.apply-1.schema.json").read_text())

KNOBS = {
    "proc/irq/default_smp_affinity": "fffff\n",
    "proc/irq/30/smp_affinity_list": "0-19\n",
    "proc/irq/31/smp_affinity_list": "4-5\n",
    "proc/sys/kernel/watchdog_cpumask": "0-19\n",
    "proc/sys/vm/stat_interval": "1\n",
    "proc/sys/kernel/random/boot_id": "b00t-1\n",
    "sys/devices/virtual/workqueue/cpumask": "fffff\n",
    "sys/fs/cgroup/cgroup.controllers": "cpuset cpu\n",
    "sys/fs/cgroup/cgroup.subtree_control": "cpuset cpu\n",
    "sys/fs/cgroup/torque/cpuset.cpus": "\n",
    "sys/fs/cgroup/torque/cpuset.cpus.partition": "member\n",
    "sys/class/net/eth0/queues/rx-0/rps_cpus": "000000ff\n",
}


def tree(folder):
    """The content of every file below it, but for the journal."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.is_symlink() and "var" not in path.relative_to(folder).parts}


class Machine(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.root = self.machine_folder("hybrid")
        for path, text in KNOBS.items():
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.journal = self.root / "var/lib/torque/journal"
        self.layout = self.plan("--profile", "runtime")
        self.before = tree(self.root)

    def plan(self, *words, name="layout.json", **changes):
        done = topo("plan", "-w", "4", "-i", self.root, *words)
        self.assertEqual(done.status, 0, done.err)
        file = self.folder / name
        file.write_text(json.dumps({**json.loads(done.out), **changes}))
        return file

    def apply(self, *words, layout=None, **how):
        return topo("apply", "--layout", layout or self.layout, "--root", self.root, *words, **how)

    def revert(self, *words, **how):
        return topo("revert", "--root", self.root, *words, **how)

    def document(self, done, status=0):
        self.assertEqual(done.status, status, done.err)
        document = json.loads(done.out)
        if jsonschema:
            jsonschema.Draft202012Validator.check_schema(SCHEMA)
            jsonschema.Draft202012Validator(SCHEMA).validate(document)
        for state, total in document["totals"].items():
            self.assertEqual(total, sum(row["state"] == state for row in document["changes"]))
        return document

    def read(self, path):
        return (self.root / path).read_text()


class Apply(Machine):
    def test_shown_first_and_written_when_told(self):
        done = self.apply()
        self.assert_ok(done)
        self.assertIn("would write  /proc/sys/vm/stat_interval", done.out)
        self.assertRegex(done.out, r"1 (→|->) 10\n")
        self.assertIn("Nothing was written", done.out)
        self.assertEqual(tree(self.root), self.before)
        self.assertFalse(self.journal.exists())
        shown = self.document(self.apply("--json"))
        self.assertFalse(shown["acted"])

        written = self.document(self.apply("--json", "--yes"))
        self.assertTrue(written["acted"])
        self.assertEqual([row["path"] for row in shown["changes"]], [row["path"] for row in written["changes"]])
        self.assertEqual(shown["totals"]["planned"], written["totals"]["done"])
        self.assertEqual(self.read("sys/fs/cgroup/torque/cpuset.cpus.partition"), "isolated\n")
        self.assertEqual(self.read("proc/irq/30/smp_affinity_list"), "0-3,12-19\n")
        self.assertEqual(self.read("proc/irq/31/smp_affinity_list"), "0-3,12-19\n")
        self.assertEqual(self.read("sys/class/net/eth0/queues/rx-0/rps_cpus"), "0000000f\n")

        again = self.document(self.apply("--json", "--yes"))
        self.assertEqual(again["totals"]["done"], 0)
        self.assertEqual(self.journal.stat().st_mode & 0o777, 0o600)

    def test_taken_back_to_the_byte(self):
        self.assert_ok(self.apply("--yes"))
        applied = tree(self.root)
        self.assertNotEqual(applied, self.before)
        done = self.revert()
        self.assert_ok(done)
        self.assertIn("Nothing was written", done.out)
        self.assertEqual(tree(self.root), applied)
        document = self.document(self.revert("--yes", "--json"))
        self.assertEqual(document["command"], "revert")
        self.assertEqual(tree(self.root), self.before)
        self.assertEqual(self.journal.read_bytes(), b"")
        done = self.revert("--yes")
        self.assert_ok(done)
        self.assertIn("Nothing to revert", done.out)

    def test_nothing_to_revert_makes_no_journal(self):
        self.assert_ok(self.revert("--yes"))
        self.assertFalse(self.journal.exists())

    def test_another_journal(self):
        journal = self.folder / "j" / "journal"
        self.assert_ok(self.apply("--yes", "--journal", journal))
        self.assertFalse(self.journal.exists())
        self.assert_ok(self.revert("--yes", "--journal", journal))
        self.assertEqual(tree(self.root), self.before)

    def test_another_layout_on_top_is_refused(self):
        self.assert_ok(self.apply("--yes"))
        other = self.plan("--profile", "runtime", "--isolate", "rest", name="other.json")
        self.assert_fails(self.apply("--yes", layout=other), 1, "another layout is applied", "revert --yes")
        # What was applied in another boot is gone.
        (self.root / "proc/sys/kernel/random/boot_id").write_text("b00t-2\n")
        self.assertEqual(self.apply("--yes", layout=other).status, 0)

    def test_what_others_changed_is_left_alone(self):
        self.assert_ok(self.apply("--yes"))
        (self.root / "proc/sys/vm/stat_interval").write_text("77\n")
        shutil.rmtree(self.root / "proc/irq/31")
        done = self.revert("--yes")
        self.assertEqual(done.status, 1)
        self.assertIn("not ours     /proc/sys/vm/stat_interval", done.out)
        self.assertIn("no file      /proc/irq/31/smp_affinity_list", done.out)
        self.assertRegex(done.err, r"\Atorque-topo: error: 1 of \d+ files is not as they were\nhint: ")
        self.assertEqual(self.read("proc/sys/vm/stat_interval"), "77\n")
        self.assert_ok(self.revert("--yes", "--force"))
        self.assertEqual(self.read("proc/sys/vm/stat_interval"), "1\n")

    def test_files_that_cannot_be_written(self):
        stat = self.root / "proc/sys/vm/stat_interval"
        stat.unlink()
        stat.mkdir()  # a folder can be written by nobody, not by root either
        (self.root / "proc/sys/kernel/watchdog_cpumask").unlink()
        document = self.document(self.apply("--json", "--yes"), status=1)
        states = {row["path"]: row["state"] for row in document["changes"]}
        self.assertEqual(states["/proc/sys/vm/stat_interval"], "failed")
        self.assertEqual(states["/proc/sys/kernel/watchdog_cpumask"], "missing")
        self.assertEqual(states["/proc/irq/31/smp_affinity_list"], "done")
        done = self.apply("--yes")
        self.assertEqual(done.status, 1)
        self.assertIn("1 of ", done.err)

    def test_one_at_a_time(self):
        self.journal.parent.mkdir(parents=True)
        import fcntl
        with open(os.open(self.journal, os.O_RDWR | os.O_CREAT, 0o600), "wb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            self.assert_fails(self.apply("--yes"), 1, "another torque-topo")
        self.assertEqual(tree(self.root), self.before)

    def test_what_is_refused(self):
        other = self.folder / "other.json"
        other.write_text(topo("plan", "-w", "4", "-i", self.machine("two-sockets"), "--profile", "runtime").out)
        self.assert_fails(self.apply("--yes", layout=other), 1, "another machine", "--force")
        self.assert_fails(topo("apply"), 2, "--layout")
        self.assert_fails(self.apply("--yess"), 2, "did you mean --yes")
        self.assert_fails(self.apply(layout=self.folder / "none"), 1, "none")
        evil = self.plan(name="evil.json", runtime=[{"path": "/proc/sys/kernel/core_pattern", "value": "|/x", "why": ""}])
        self.assert_fails(self.apply("--yes", layout=evil), 1, "core_pattern", "hint:")
        (self.root / "sys/devices/system/cpu/isolated").write_text("12-15\n")
        self.assert_fails(self.apply("--yes"), 1, "isolated", "partition")
        self.assertEqual(tree(self.root), {**self.before, "sys/devices/system/cpu/isolated": b"12-15\n"})

    def test_a_damaged_journal(self):
        self.assert_ok(self.apply("--yes"))
        text = self.journal.read_bytes()
        self.journal.write_bytes(text[:-3])  # torn, as by a crash
        self.assert_ok(self.revert("--yes"))
        self.assertEqual(tree(self.root), self.before)
        self.journal.write_bytes(text.replace(b"stat_interval", b"stat_Interval"))
        self.assert_fails(self.revert("--yes"), 1, "line ", "damaged")
        self.journal.chmod(0o666)
        self.assert_fails(self.revert("--yes"), 1, "cannot be trusted")

    def test_hostile_texts_are_not_echoed(self):
        file = self.plan("--profile", "runtime", name="hostile.json",
                         runtime=[{"path": "/proc/sys/vm/stat_interval", "value": "\x1b[31m", "why": "\x1b[31m"}])
        done = self.apply(layout=file)
        self.assertEqual(done.status, 0)
        self.assertNotIn("\x1b", done.out)

    def test_this_machine_is_roots(self):
        if os.geteuid() != 0:
            user = {}
        else:
            user = {"user": 65534}
            self.folder.chmod(0o755)
        layout = self.folder / "live.json"
        layout.write_text(topo("plan", "-w", "1", "--profile", "runtime").out)
        try:
            done = topo("apply", "--layout", layout, "--yes", **user)
        except PermissionError:
            self.skipTest("the program cannot be run by another user here")
        self.assert_fails(done, 1, "root", "sudo")
        self.assert_fails(topo("revert", "--yes", **user), 1, "root")


class Killed(killing.Killing, Machine):
    """kill -9 before any of the calls by which a file changes: revert ends where apply began."""

    def knobs(self):
        return {path: self.read(path) for path in KNOBS}

    def restore(self, knobs, journal):
        for path, text in knobs.items():
            (self.root / path).write_text(text)
        if journal is not None:
            self.journal.write_bytes(journal)
        elif self.journal.exists():
            shutil.rmtree(self.root / "var")

    def taken_back(self, where):
        self.assert_ok(self.revert("--yes"))
        self.assertEqual(self.knobs(), KNOBS, where)

    def test_kill_at_any_point(self):
        apply = ("apply", "-l", self.layout, "--root", self.root, "--yes")
        self.kill_at_each(lambda: self.restore(KNOBS, None), self.taken_back, 40, *apply)
        self.assert_ok(self.apply("--yes"))
        applied, journal = self.knobs(), self.journal.read_bytes()
        self.assertNotEqual(applied, KNOBS)
        revert = ("revert", "--root", self.root, "--yes")
        self.kill_at_each(lambda: self.restore(applied, journal), self.taken_back, 25, *revert)
        self.assertEqual(tree(self.root), self.before)


if __name__ == "__main__":
    harness.main()
