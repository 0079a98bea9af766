"""check: a layout against this machine and against copies, what it prints, and its document."""

import json

import harness
from harness import ROOT, topo

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMAS = ROOT / "src" / "layout" / "schemas"
SCHEMA = json.loads((SCHEMAS / "torque.check-1.schema.json").read_text())
FLEET_SCHEMA = json.loads((SCHEMAS / "torque.fleet-check-1.schema.json").read_text())


class TestCase(harness.TestCase):
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


class Check(TestCase):
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


class Fleet(TestCase):
    """Several machines by their copies, and a document with a layout for each."""

    def setUp(self):
        super().setUp()
        self.machines = [self.machine_folder(name) for name in ("isolated", "two-sockets")]
        self.inputs = [word for machine in self.machines for word in ("-i", machine)]
        self.layouts = self.plan("-w", "4", *self.inputs)
        targets = json.loads(self.layouts.read_text())["targets"]
        self.lines = [target["layout"]["boot"]["cmdline"] for target in targets]

    def boot(self, machine, line):
        """What the kernel of the copy would show, had it been booted with the line."""
        isolated = line.split("nohz_full=")[1].split(" ")[0]
        (machine / "proc" / "cmdline").write_text("ro " + line + "\n")
        for name in ("isolated", "nohz_full"):
            (machine / "sys" / "devices" / "system" / "cpu" / name).write_text(isolated + "\n")

    def fleet_document(self, *inputs, status):
        done = topo("check", "--json", "-l", self.layouts, *inputs)
        self.assertEqual((done.status, done.err), (status, ""))
        document = json.loads(done.out)
        self.assertEqual(document["schema"], "torque.fleet-check/1")
        if jsonschema:
            jsonschema.Draft202012Validator.check_schema(FLEET_SCHEMA)
            jsonschema.Draft202012Validator(FLEET_SCHEMA).validate(document)
            for target in document["targets"]:
                jsonschema.Draft202012Validator(SCHEMA).validate(target)
        return document

    def test_each_machine_is_held_against_its_own_layout(self):
        for machine, line in zip(self.machines, self.lines):
            self.boot(machine, line)
        document = self.fleet_document(*self.inputs, status=0)
        self.assertEqual(document["totals"], {"machines": 2, "drifted": 0})
        self.assertEqual([target["machine"] for target in document["targets"]], list(map(str, self.machines)))
        for target, line in zip(document["targets"], self.lines):
            self.assertEqual((self.rows(target)["boot-line"]["status"], self.rows(target)["boot-line"]["expected"]), ("ok", line))

    def test_one_that_drifts_is_told(self):
        self.boot(self.machines[1], self.lines[1])
        (self.machines[1] / "sys" / "devices" / "system" / "cpu" / "isolated").write_text("\n")
        self.boot(self.machines[0], self.lines[0])
        document = self.fleet_document(*self.inputs, status=4)
        self.assertEqual(document["totals"], {"machines": 2, "drifted": 1})
        done = topo("check", "-l", self.layouts, *self.inputs)
        self.assertEqual((done.status, done.err), (4, ""))
        self.assertRegex(done.out, r"\A\S+isolated  \d+ ok, 0 drift, .*\n\S+two-sockets  \d+ ok, 1 drift, .*\ndrift  isolated  ")
        self.assertTrue(done.out.endswith("\n2 machines, 1 drifted\n"), done.out)

    def test_a_layout_is_found_by_the_machine_where_the_name_is_another(self):
        self.boot(self.machines[1], self.lines[1])
        renamed = self.machines[1].rename(self.folder / "after-the-reboot")
        document = self.document("-l", self.layouts, "-i", renamed, status=0)
        self.assertEqual(document["schema"], "torque.check/1")
        self.assertEqual(self.rows(document)["boot-line"]["expected"], self.lines[1])

    def test_one_layout_for_several_like_machines(self):
        again = self.machine_folder("hybrid")  # the same machine, before its boot line
        layout = self.plan("-w", "4", "-i", again)
        done = topo("check", "-l", layout, "-i", self.machines[0], "-i", again)
        self.assertEqual((done.status, done.err), (4, ""))
        self.assertTrue(done.out.endswith("\n2 machines, 2 drifted\n"))
        done = topo("check", "-l", layout, "-i", again, "-i", self.machines[1])  # it is told in the report
        self.assertRegex(done.out, "drift  machine ")

    def test_what_is_refused(self):
        other = self.machine("epyc-nps4")
        self.assert_fails(topo("check", "-l", self.layouts, "-i", other), 1, "no layout for", "epyc-nps4.tar", "--input")
        self.assert_fails(topo("check", "-l", self.layouts, "-i", self.machines[0], "-i", other), 1, "epyc-nps4.tar")
        self.assert_fails(topo("check", "-l", self.layouts, "-i", "-", "-i", "-"), 2, "standard input")
        document = json.loads(self.layouts.read_text())
        document["targets"][1]["layout"]["workers"][0]["cpu"] = "four"
        self.layouts.write_text(json.dumps(document))
        self.assert_fails(topo("check", "-l", self.layouts, *self.inputs), 1, "/targets/1/layout/workers/0/cpu")
        document["targets"] = [{**document["targets"][0], "input": name} for name in ("a", "b")]
        document["targets"][1]["layout"] = {**document["targets"][1]["layout"], "isolated": ""}
        self.layouts.write_text(json.dumps(document))
        self.assert_fails(topo("check", "-l", self.layouts, *self.inputs), 1, "several layouts for such a machine")


if __name__ == "__main__":
    harness.main()
