"""--input of documents: what show prints, hwloc's XML and descriptions; and diff, which takes all of them."""

import json
import shutil
import subprocess

import harness
from harness import topo

DESCRIPTION = "pack:2 l3:2 core:4 pu:2"


def loads(text):
    machine = json.loads(text)
    del machine["host"]["source"]
    return machine


class Documents(harness.TestCase):
    def shown(self, *arguments, **how):
        done = topo("show", "--json", *arguments, **how)
        self.assert_ok(done)
        return done.out

    def test_what_show_prints_is_read_back(self):
        for name in ("hybrid", "container-v2", "epyc-nps4", "two-sockets"):
            with self.subTest(machine=name):
                first = self.shown("-i", self.machine(name))
                (self.folder / "machine.json").write_text(first)
                with open(self.folder / "machine.json", "rb") as stream:
                    self.assertEqual(loads(self.shown("-i", "-", stdin=stream)), loads(first))
        first = self.shown()
        (self.folder / "live.json").write_text(first)
        self.assertEqual(loads(self.shown("-i", self.folder / "live.json")), loads(first))

    def test_a_document_plans_like_its_machine(self):
        machine = self.machine("hybrid")
        (self.folder / "m.json").write_text(self.shown("-i", machine))
        plans = {topo("plan", "-w", "4", "-i", path).out for path in (machine, self.folder / "m.json")}
        self.assertEqual(len(plans), 1)
        self.assertNotEqual(plans, {""})

    def test_a_document_that_lies_is_refused_by_its_place(self):
        good = json.loads(self.shown("-i", self.machine("hybrid")))
        for change, place in (({"cpus": []}, "/cpus"), ({"cores": []}, "/cpus"), ({"schema": "torque.layout/1"}, "/schema"),
                              ({"types": [{}]}, "/types/0")):
            (self.folder / "bad.json").write_text(json.dumps(good | change))
            self.assert_fails(topo("show", "-i", self.folder / "bad.json"), 1, f"bad.json: {place}")
        (self.folder / "bad.json").write_text("{\"schema\": ")
        self.assert_fails(topo("show", "-i", self.folder / "bad.json"), 1, "not JSON")
        (self.folder / "deep.json").write_text("[" * 6_000_000)  # no document: it does not begin with a brace
        self.assert_fails(topo("show", "-i", self.folder / "deep.json"), 1)
        (self.folder / "deep.json").write_text("{\"a\":" * 5_000_000)
        self.assert_fails(topo("show", "-i", self.folder / "deep.json"), 1, "values")

    def test_an_hwloc_description(self):
        machine = json.loads(self.shown("-i", DESCRIPTION))
        self.assertEqual([len(machine[part]) for part in ("packages", "cores", "cpus")], [2, 16, 32])
        self.assertEqual(topo("plan", "-w", "4", "-i", DESCRIPTION).status, 0)
        self.assert_fails(topo("show", "-i", "pack:2 nonsense:4"), 1, "pack:2 nonsense:4")
        self.assert_fails(topo("show", "-i", "pack:60000 core:60000 pu:2"), 1, "65536")

    def test_hwloc_xml(self):
        if shutil.which("lstopo-no-graphics") is None:
            self.skipTest("lstopo is not installed")
        path = self.folder / "m.xml"
        subprocess.run(["lstopo-no-graphics", "-i", DESCRIPTION, "--of", "xml", path], check=True, capture_output=True)
        self.assertEqual(topo("diff", path, DESCRIPTION).out.count("\n  "), 0)
        text = path.read_text()
        path.write_text(text.replace("<!DOCTYPE topology SYSTEM \"hwloc2.dtd\">",
                                     "<!DOCTYPE topology [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"))
        self.assert_fails(topo("show", "-i", path), 1, "declaration")
        for cut in range(0, len(text), max(1, len(text) // 40)):
            path.write_text(text[:cut])
            self.assert_fails(topo("show", "-i", path), 1)


class Diff(harness.TestCase):
    def test_a_machine_is_like_itself(self):
        machine = self.machine("hybrid")
        (self.folder / "m.json").write_text(topo("show", "--json", "-i", machine).out)
        done = topo("diff", machine, self.folder / "m.json")
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertIn("alike", done.out)
        done = topo("diff", "--json", machine, machine)
        self.assertEqual(done.status, 0)
        self.assertEqual(json.loads(done.out)["differences"], [])

    def test_unlike_machines_are_told_apart_in_a_page(self):
        hybrid, huge = self.machine("hybrid"), self.machine("huge")
        done = topo("diff", hybrid, huge)
        self.assertEqual((done.status, done.err), (4, ""))
        self.assertLess(done.out.count("\n"), 250)
        told = json.loads(topo("diff", "-J", hybrid, huge).out)
        self.assertEqual((told["schema"], told["equal"]), ("torque.diff/1", False))
        cores = [row for row in told["differences"] if (row["section"], row["what"]) == ("cores", "cores")]
        self.assertEqual(cores, [{"section": "cores", "what": "cores", "a": "14", "b": "2048"}])
        back = json.loads(topo("diff", "-J", huge, hybrid).out)
        swapped = [row | {"a": row["b"], "b": row["a"]} for row in back["differences"]]
        self.assertEqual(len(swapped), len(told["differences"]))

    def test_one_change_is_one_difference(self):
        machine = json.loads(topo("show", "--json", "-i", self.machine("hybrid")).out)
        for cpu in machine["cpus"][4:8]:
            cpu["isolated"] = True
        (self.folder / "changed.json").write_text(json.dumps(machine))
        told = json.loads(topo("diff", "-J", self.machine("hybrid"), self.folder / "changed.json").out)
        self.assertEqual([row["what"] for row in told["differences"]], ["CPUs 4-7: isolated"])

    def test_without_b_this_machine_is_meant(self):
        (self.folder / "live.json").write_text(topo("show", "--json").out)
        with open(self.folder / "live.json", "rb") as stream:
            done = topo("diff", "-", stdin=stream)
        self.assertIn(done.status, (0, 4))
        self.assertRegex(done.out, r"(?m)^B: live$")

    def test_wrong_usage(self):
        self.assert_fails(topo("diff"), 2, "A")
        self.assert_fails(topo("diff", "-", "-"), 2, "standard input")
        self.assert_fails(topo("diff", "a", "b", "c"), 2, "c")
        self.assert_fails(topo("diff", "/no/such/file"), 1, "/no/such/file")


if __name__ == "__main__":
    harness.main()
