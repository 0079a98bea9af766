"""torque-topo measure jitter: what is found on this machine, and what is made of two results."""

import json
import os
import subprocess
import xml.etree.ElementTree as ET

import harness
from harness import topo
from measure import LiveCase


def result(cpus, **values):
    """A document as measure jitter writes it."""
    row = {"watched_ns": 1e9, "look_ns": 10, "gaps": 250, "stolen_ns": 1e6, "longest_ns": 5e4, "gaps_per_s": 250,
           "gaps_per_s_spread": 5, "stolen_share": 0.001, "stolen_share_spread": 0.0001, "waiting": 0, "steal": 0,
           "preemptions": None, "histogram": [0, 250], "longest": [{"at_ns": 7, "length_ns": 5e4}],
           "counted": [{"kind": "interrupt", "name": "LOC", "what": "Local timer interrupts", "count": 250}]}
    whole = {"schema": "torque.measure/1", "what": "jitter", "source": "live", "cpus": ",".join(map(str, cpus)),
             "reliable": True, "reason": None, "waiting": 0, "steal": 0, "clock": "tsc", "threshold_ns": 200,
             "edges_ns": [100, 200]}
    whole.update({name: value for name, value in values.items() if name in whole})
    row.update({name: value for name, value in values.items() if name not in whole})
    return {**whole, "jitter": [{"cpu": cpu, **row} for cpu in cpus]}


SVG = "{http://www.w3.org/2000/svg}"
QUIET = {"gaps": 1, "gaps_per_s": 0, "gaps_per_s_spread": 0, "stolen_share": 0, "stolen_share_spread": 0, "longest_ns": 4e3}


class Compare(harness.TestCase):
    def compare(self, before, after, *words):
        files = []
        for name, document in (("before", before), ("after", after)):
            files.append(self.folder / f"{name}.json")
            files[-1].write_text(document if isinstance(document, str) else json.dumps(document))
        return topo("measure", "jitter", "--before", files[0], "--after", files[1], *words)

    def verdicts(self, before, after):
        done = self.compare(before, after, "--json")
        self.assert_ok(done)
        return [row["verdict"] for row in json.loads(done.out)["compared"]]

    def test_what_isolation_bought(self):
        done = self.compare(result([4, 5]), result([4, 5], **QUIET))
        self.assert_ok(done)
        self.assertIn("2 CPUs quieter", done.out)
        self.assertRegex(done.out, r"4 +0\.1000 % +\S+ +0\.0000 % +250\.0 +\S+ +0\.0 +50\.0 \S+ +\S+ +4\.00 \S+ +quieter")
        self.assertEqual(self.verdicts(result([4], **QUIET), result([4])), ["noisier"])

    def test_differences_within_the_spread_are_none(self):
        self.assertEqual(self.verdicts(result([0]), result([0], stolen_share=0.00109)), ["alike"])
        self.assertEqual(self.verdicts(result([0]), result([0], stolen_share=0.00111)), ["noisier"])
        self.assertEqual(self.verdicts(result([0]), result([0], gaps_per_s=244)), ["quieter"])
        self.assertEqual(self.verdicts(result([0]), result([0], gaps_per_s=244, gaps_per_s_spread=7)), ["alike"])

    def test_a_comparison_is_drawn(self):
        before, after = result([4, 5]), result([4, 5], **QUIET)
        root = ET.fromstring(self.compare(before, after, "--format", "svg").out)
        titles = [title.text for title in root.iter(SVG + "title")]
        for text in ("CPU 4: 1 ms before, 0 after", "CPU 5: 250 before, 0 after", "CPU 5: 50 us before, 4000 after"):
            self.assertIn(text, titles)
        verdicts = [circle.get("class") for circle in root.iter(SVG + "circle")]
        # The legends have one of each; the longest gap has no verdict of its own.
        self.assertEqual([verdicts.count(word) for word in ("was", "better", "worse", "alike")], [9, 7, 3, 5])
        page = self.compare(before, after, "--format", "html").out
        self.assertIn("2 CPUs quieter", page)
        self.assertEqual(page.count("<circle"), 24)

    def test_two_machines_are_noted(self):
        one, other = "0123456789abcdef", "fedcba9876543210"
        for before, after, count in ((one, one, 0), (one, other, 1), (None, other, 0)):
            done = self.compare({**result([0]), "fingerprint": before}, {**result([0]), "fingerprint": after}, "--json")
            notes = json.loads(done.out)["notes"]
            self.assertEqual(len([note for note in notes if "different machines" in note]), count, notes)
        self.assert_fails(self.compare({**result([0]), "fingerprint": "0"}, result([0])), 1, "/fingerprint", "hint: ")

    def test_cpus_that_only_one_has_are_left_out(self):
        done = self.compare(result([0, 2, 3, 9]), result([1, 2, 9, 12]), "--json")
        document = json.loads(done.out)
        self.assertEqual((document["cpus"], document["left_out"]), ("2,9", "0-1,3,12"))
        self.assertEqual([row["cpu"] for row in document["compared"]], [2, 9])
        self.assert_fails(self.compare(result([0]), result([1])), 1, "no CPU in common", "hint: ")

    def test_what_speaks_against_a_comparison_is_said(self):
        done = self.compare(result([0], reliable=False), result([0], threshold_ns=2000))
        self.assertIn("before is not reliable", done.out)
        self.assertIn("before counts gaps from 200 ns, after from 2000 ns", done.out)
        self.assertNotIn("careful", self.compare(result([0]), result([0])).out)

    def test_files_that_are_no_results(self):
        good = result([0, 1])
        for change, words in ((lambda d: d.update(what="cores"), ("/what", "measure cores", "measure jitter --json")),
                              (lambda d: d.update(schema="torque.layout/1"), ("/schema",)),
                              (lambda d: d.pop("reliable"), ('"reliable" is missing',)),
                              (lambda d: d.update(stranger=1), ("stranger",)),
                              (lambda d: d.update(jitter=[]), ("/jitter", "no CPU")),
                              (lambda d: d["jitter"][1].update(cpu=0), ("/jitter/1/cpu", "ascend")),
                              (lambda d: d["jitter"][0].update(cpu=-1), ("/jitter/0/cpu",)),
                              (lambda d: d["jitter"][0].update(stolen_share=1.5), ("/jitter/0/stolen_share",)),
                              (lambda d: d["jitter"][0].update(gaps_per_s="250"), ("/jitter/0/gaps_per_s",)),
                              (lambda d: d["jitter"][0].update(longest_ns=-1), ("/jitter/0/longest_ns",))):
            bad = json.loads(json.dumps(good))
            change(bad)
            self.assert_fails(self.compare(good, bad), 1, "after.json", "hint: ", *words)
        for text in ("", "{", "[]", "null", '{"schema": "torque.measure/1"}'):
            self.assert_fails(self.compare(text, good), 1, "before.json", "hint: ")

    def test_wrong_usage(self):
        for words in (["--before", "x"], ["--after", "x"], ["--before", "-", "--after", "-"],
                      ["--before", "x", "--after", "y", "--cpus", "0"], ["--before", "x", "--after", "y", "--budget", "1s"],
                      ["--matrix", "x"], ["--cpus", "0", "--layout", "x"]):
            self.assert_fails(topo("measure", "jitter", *words), 2, "once" if "-" in words else "--")


class Live(LiveCase):
    def setUp(self):
        super().setUp()
        self.cpus = sorted(os.sched_getaffinity(0))[:2]
        self.words = ["--cpus", ",".join(map(str, self.cpus)), "--budget", "500ms"]

    def test_every_cpu_is_watched_all_the_time(self):
        document = json.loads(topo("measure", "jitter", *self.words, "--json").out)
        self.assertEqual([row["cpu"] for row in document["jitter"]], self.cpus)
        self.assertEqual(document["reliable"], document["reason"] is None)
        for row in document["jitter"]:
            self.assertTrue(0.4e9 < row["watched_ns"], row)
            self.assertEqual(sum(row["histogram"]), row["gaps"])
            self.assertLessEqual(row["stolen_ns"], row["watched_ns"])
            lengths = [gap["length_ns"] for gap in row["longest"]]
            self.assertEqual(lengths, sorted(lengths, reverse=True))
            self.assertEqual(row["longest_ns"], max(lengths, default=0))
            for counter in row["counted"]:  # since this machine was booted it would be more
                self.assertLess(counter["count"], 1e6, counter)

    def test_a_busy_machine_is_said_to_be_one(self):
        with harness.burning():
            document = json.loads(topo("measure", "jitter", *self.words, "--json").out)
            text = topo("measure", "jitter", *self.words).out
        self.assert_unreliable(document)
        self.assertIn("not reliable: ", text)
        self.assertGreater(max(row["stolen_share"] for row in document["jitter"]), 0.2)

    def test_the_cpus_of_a_layout(self):
        layout = self.folder / "layout.json"
        planned = topo("plan", "-w", "1", "-o", layout)
        if planned.status != 0:
            self.skipTest("no plan can be made here")
        plan = json.loads(layout.read_text())
        done = topo("measure", "jitter", "--layout", layout, "--budget", "100ms", "--json")
        self.assert_ok(done)
        self.assertEqual(json.loads(done.out)["cpus"], plan["isolated"] or str(plan["workers"][0]["cpu"]))
        self.assert_fails(topo("measure", "jitter", "--layout", self.folder / "none"), 1, "none")

    def test_it_never_leaves_the_cpus_that_it_was_given(self):
        done = subprocess.run(["taskset", "-c", str(self.cpus[-1]), harness.options.topo, "measure", "jitter",
                               "--budget", "100ms", "--json"], capture_output=True, text=True, check=True)
        self.assertEqual(json.loads(done.stdout)["cpus"], str(self.cpus[-1]))


if __name__ == "__main__":
    harness.main()
