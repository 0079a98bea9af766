"""check: a layout against this machine and against copies, what it prints, and its document."""

import json

import harness
from harness import ROOT, topo

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMA = json.loads((ROOT / "src" / "layout" / "schemas" / "torque.check-1.schema.json").read_text())


class Check(harness.TestCase):
    def plan(self, *arguments, **changes):
        done = topo("plan", *arguments)
        self.assertEqual(done.status, 0, done.err)
        file = self.folder / "layout.json"
        file.write_text(json.dumps({**json.loads(done.out), **changes}))
        return file

    def document(self, *arguments, status):
        done = topo("check", "--json", "--no-wait", *arguments)
        self.assertEqual((done.status, done.err), (status, ""))
        document = json.loads(done.out)
        if jsonschema:
            jsonschema.Draft202012Validator.check_schema(SCHEMA)
            jsonschema.Draft202012Validator(SCHEMA).validate(document)
        for key, word in (("ok", "ok"), ("drift", "drift"), ("not_checked", "not-checked")):
            self.assertEqual(document["totals"][key], sum(row["status"] == word for row in document["checks"]))
        return document

    def rows(self, document):
        return {row["id"]: row for row in document["checks"]}

    def test_this_machine_drifts_from_a_layout_that_was_never_in_force(self):
        file = self.plan("-w", "1", "--profile", "full")
        layout = json.loads(file.read_text())
        machine = json.loads(topo("show", "--json").out)["host"]
        if layout["boot"]["cmdline"] is None or machine["isolated"] == layout["isolated"]:
            self.skipTest("nothing can be isolated on this machine, or is already")
        rows = self.rows(self.document("--layout", file, status=4))
        for check in ("boot-line", "isolated"):
            self.assertEqual(rows[check]["status"], "drift")
            self.assertTrue(rows[check]["mend"])
        self.assertEqual(rows["isolated"]["expected"], layout["isolated"])
        self.assertEqual(rows["machine"]["status"], "ok")
        done = topo("check", "--layout", file, "--no-wait")
        self.assertEqual((done.status, done.err), (4, ""))
        self.assertRegex(done.out, r"\Adrift  boot-line  /proc/cmdline\n  expected  isolcpus=")
        self.assertRegex(done.out, r"\n\d+ ok, \d+ drift, \d+ not checked\n\Z")
        self.assertNotIn("\x1b", done.out)
        colour = topo("check", "--layout", file, "--no-wait", env=harness.environment(CLICOLOR_FORCE="1"))
        self.assertIn("\x1b[", colour.out)

    def test_a_layout_that_asks_for_nothing_holds(self):
        file = self.plan("-w", "1", boot={"cmdline": None, "args": []}, runtime=[])
        document = self.document("--layout", file, status=0)
        self.assertEqual(document["totals"]["drift"], 0)
        self.assertEqual(self.rows(document)["worker-cpus"]["status"], "ok")
        done = topo("check", "--layout", file)
        self.assert_ok(done)
        self.assertRegex(done.out, r" ok, 0 drift, \d+ not checked\n\Z")  # a server of others may be running

    def test_files_of_this_machine(self):
        release = "/proc/sys/kernel/osrelease"
        with open(release, encoding="ascii") as file:
            value = file.read().strip()
        for text, status in ((value, 0), (value + "x", 4)):
            file = self.plan("-w", "1", boot={"cmdline": None, "args": []}, isolated="", leftovers=[],
                             runtime=[{"path": release, "value": text, "why": "a test"}])
            row = self.rows(self.document("-l", file, status=status))["runtime"]
            self.assertEqual((row["expected"], row["found"], row["source"]), (text, value, release))

    def test_a_copy_of_an_isolated_machine(self):
        """The layout's line is in force there, and says so by its files; a copy holds no processes."""
        folder = self.machine_folder("isolated")
        file = self.plan("-w", "4", "-i", folder)
        layout = json.loads(file.read_text())
        (folder / "proc" / "cmdline").write_text("ro " + layout["boot"]["cmdline"] + "\n")
        for name in ("isolated", "nohz_full"):
            (folder / "sys" / "devices" / "system" / "cpu" / name).write_text(layout["isolated"] + "\n")
        rows = self.rows(self.document("-l", file, "-i", folder, status=0))
        self.assertEqual({name for name in rows if rows[name]["status"] == "ok"} & {"isolated", "nohz-full", "boot-line"},
                         {"isolated", "nohz-full", "boot-line"})
        self.assertEqual(rows["tasks"]["status"], "not-checked")
        (folder / "sys" / "devices" / "system" / "cpu" / "isolated").write_text("\n")
        rows = self.rows(self.document("-l", file, "-i", folder, status=4))
        self.assertEqual((rows["isolated"]["status"], rows["isolated"]["found"]), ("drift", "none"))
        self.assertIn("lint", rows["isolated"]["mend"])  # the words are there, the effect is not

    def test_the_layout_of_another_machine(self):
        file = self.plan("-w", "4", "-i", self.machine("hybrid"))
        self.assert_fails(topo("check", "-l", file, "-i", self.machine("two-sockets")), 1, "another machine", "--force")
        document = self.document("-l", file, "-i", self.machine("two-sockets"), "--force", status=4)
        self.assertEqual(self.rows(document)["machine"]["status"], "drift")

    def test_what_is_refused(self):
        file = self.plan("-w", "1")
        self.assert_fails(topo("check"), 2, "--layout")
        self.assert_fails(topo("check", "-l", "-", "-i", "-"), 2, "standard input")
        self.assert_fails(topo("check", "-l", self.folder / "none"), 1, "none")
        self.assert_fails(topo("check", "-l", file, "-i", "pack:1 core:2"), 1, "does not hold its files")
        self.assert_fails(topo("check", "-l", file, "--forse"), 2, "did you mean --force")

    def test_hostile_texts_are_not_echoed(self):
        file = self.plan("-w", "1", boot={"cmdline": "a=\x1b[31m", "args": []},
                         runtime=[{"path": "/proc/sys/\x1b[31m", "value": "\x1b[31m", "why": ""}])
        done = topo("check", "-l", file, "--no-wait")
        self.assertEqual(done.status, 4)
        self.assertNotIn("\x1b", done.out)


if __name__ == "__main__":
    harness.main()
