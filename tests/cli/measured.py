"""show --measured and plan --measured: what was measured otherwise is a finding, and plans go by it."""

import json
import re

import harness
from harness import topo


def smt(pairs, cpus="0-7", reliable=True):
    """A document as measure smt writes it; pairs share a core."""
    rows = [{"a": a, "b": b, "speed": 0.5, "spread": 0.01, "samples": 100, "sharing": "shared", "certainty": "sure",
             "declared": False} for a, b in pairs]
    return {"schema": "torque.measure/1", "what": "smt", "source": "live", "cpus": cpus, "reliable": reliable,
            "reason": None if reliable else "busy", "waiting": 0, "steal": 0, "clock_ns": 20, "every_pair": True,
            "untried": 0, "cores": [], "declared": [], "alone": [], "pairs": rows}


HALVES = smt([(cpu, cpu + 4) for cpu in range(4)])
FLAT = "pack:1 l3:1 core:8 pu:1"  # eight cores of one thread


class Measured(harness.TestCase):
    def file(self, document):
        path = self.folder / f"{document['what']}.json"
        path.write_text(json.dumps(document))
        return path

    def findings(self, *documents, machine=FLAT):
        words = [word for document in documents for word in ("--measured", self.file(document))]
        done = topo("show", "--json", "-i", machine, *words)
        self.assert_ok(done)
        return [row["id"] for row in json.loads(done.out)["findings"] if row["id"].startswith("measured-")]

    def plan(self, *words):
        done = topo("plan", "--workers", "3", "-i", FLAT, *words)
        self.assertEqual(done.status, 0, done.err)
        return done, json.loads(done.out)

    def latencies(self):
        """What measure cores makes of pairs two apart."""
        table = self.folder / "latencies.csv"
        table.write_text("\n" + "\n".join(",".join("20" if a % 2 == b % 2 else "90" for b in range(a)) for a in range(1, 8)))
        done = topo("measure", "cores", "--matrix", table, "--json")
        self.assert_ok(done)
        return json.loads(done.out)

    def test_findings(self):
        self.assertEqual(self.findings(HALVES), ["measured-smt-hidden"])
        self.assertEqual(self.findings(HALVES, machine="pack:1 core:4 pu:2(indexes=0,4,1,5,2,6,3,7)"), [])
        self.assertEqual(self.findings(smt([], reliable=False)), ["measured-unreliable"])
        self.assertEqual(self.findings(self.latencies()), ["measured-groups-differ"])
        self.assertEqual(self.findings(HALVES, self.latencies()), ["measured-smt-hidden", "measured-groups-differ"])
        self.assertIn("0,4 1,5 2,6 3,7", topo("show", "-i", FLAT, "--measured", self.file(HALVES)).out)

    def cores(self, pairs):
        """A live result of measure cores, of eight CPUs."""
        rows = [{"a": a, "b": b, "latency_ns": ns, "spread_ns": 1, "samples": 9} for a, b, ns in pairs]
        return {**self.latencies(), "source": "live", "cpus": "0-7", "levels": [], "reliable": False, "reason": "busy",
                "waiting": 0.5, "steal": 0, "clock_ns": 20, "declared": [], "pairs": rows}

    def test_the_page_has_the_latencies(self):
        words = ("show", "--format", "html", "-i", FLAT)
        pairs = [(a, b, 100 * a + b + 0.4) for a in range(8) for b in range(a + 1, 8)]
        page = topo(*words, "--measured", self.file(self.cores(pairs))).out
        section = page[page.index('<h2 id="latencies">'):]
        cells = re.findall(r"<td style=[^>]*>(\d*)</td>", section[:section.index("</table>")])
        self.assertEqual(cells, ["" if a == b else str(100 * min(a, b) + max(a, b)) for a in range(8) for b in range(8)])
        self.assertIn("cores.json, not reliable", section)
        self.assertNotIn("<h2 id=\"latencies\">", topo(*words, "--measured", self.file(self.latencies())).out)
        for wrong in ([(1, 0, 5)], [(0, 8, 5)], [(0, 2, 5), (0, 1, 5)], [(0, 1, -5)]):
            path = self.file(self.cores(wrong))
            self.assert_fails(topo(*words, "--measured", path), 1, path.name, "/pairs/")

    def test_a_plan_takes_hidden_threads_for_one_core(self):
        _, claimed = self.plan()
        self.assertEqual([worker["cpu"] for worker in claimed["workers"]], [5, 6, 7])
        done, measured = self.plan("--measured", self.file(HALVES))
        self.assertEqual([worker["cpu"] for worker in measured["workers"]], [1, 2, 3])
        self.assertEqual(measured["isolated"], "1-3,5-7")
        self.assertEqual(measured["machine"], claimed["machine"])
        self.assertIn("warning: the machine hides that CPUs share a core", done.err)
        self.assertIn("measured", [row["rule"] for row in measured["decisions"]])
        self.assertEqual([worker["siblings"] for worker in measured["workers"]], ["", "", ""])

    def test_files_that_do_not_fit(self):
        path = self.file(HALVES)
        self.assert_fails(topo("show", "-i", "pack:1 core:4 pu:1", "--measured", path), 1, path.name, "4-7", "hint: ")
        self.assert_fails(topo("plan", "-w", "1", "-i", "pack:1 core:4 pu:1", "--measured", path), 1, path.name)
        self.assert_fails(topo("show", "-i", FLAT, "--measured", path, "--measured", path), 2, "two results of measure smt")
        self.assert_fails(topo("show", "-i", FLAT, "--measured", self.folder / "none"), 1, "none")
        path.write_text('{"schema": "torque.measure/1", "what": "jitter"}')
        self.assert_fails(topo("plan", "-w", "1", "-i", FLAT, "--measured", path), 1, "/what", "measure jitter")
        self.assert_fails(topo("show", "--measured", "-", "-i", "-"), 2, "once")
        self.assert_fails(topo("plan", "-w", "1", "-i", FLAT, "-i", FLAT, "--measured", path), 2, "--measured", "one machine")


if __name__ == "__main__":
    harness.main()
