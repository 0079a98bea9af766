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


def begun(what, cpus, **more):
    return {"schema": "torque.measure/1", "what": what, "source": "live", "cpus": cpus, "reliable": True,
            "reason": None, "waiting": 0, "steal": 0, **more}


def cache(*cache_bytes, cpus="0-7"):
    """A document as measure cache writes it: knees of CPU 0."""
    knees = [{"at": at, "from": at, "to": at, "before_ns": 1, "after_ns": 4, "open": False} for at in cache_bytes]
    return begun("cache", cpus, measured=[{
        "cpu": 0, "like": cpus, "line_bytes": 64, "page_bytes": 4096, "clock_ns": 20, "bytes_max": 1 << 27, "caches": [],
        "tlbs": [], "cache_knees": knees, "tlb_knees": [], "curves": []}])


def memory(latencies_ns, cpus="0-7", elsewhere=0):
    """A document as measure memory writes it, of the CPUs of node 0 and the memory of each."""
    agreement = {"agreeing": 0, "contradicting": 0, "undecided": 0, "unsaid": 0}
    cells = [{"cpu_node": 0, "memory_node": node, "cpu": 0, "cpus": "0", "bytes": 1 << 20, "cache_bytes": 0, "huge_share": 1,
              "latency_ns": ns, "latency_spread_ns": 1, "samples": 99, "read_bytes_per_s": 1, "read_spread_bytes_per_s": 1,
              "placement": "elsewhere" if elsewhere else "there", "placement_source": "move_pages", "pages": 256,
              "pages_elsewhere": elsewhere, "declared_distance": None, "declared_latency_ns": None,
              "declared_bytes_per_s": None, "reason": None} for node, ns in enumerate(latencies_ns)]
    return begun("memory", cpus, clock_ns=20, slit=agreement, hmat=agreement, cells=cells)


HALVES = smt([(cpu, cpu + 4) for cpu in range(4)])
FLAT = "pack:1 l3:1 core:8 pu:1"  # eight cores of one thread


class Measured(harness.TestCase):
    def file(self, document):
        path = self.folder / f"{document['what']}.json"
        path.write_text(json.dumps(document))
        return path

    def findings(self, *documents, machine=FLAT):
        words = [word for document in documents for word in ("--measured", self.file(document))]
        done = topo("show", "--json", *(("-i", machine) if machine else ()), *words)
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

    def test_findings_of_caches(self):
        machine = "pack:1 l3:1(size=32MB) core:8 l1d:1(size=32KB) pu:1"
        done = topo("show", "--json", "-i", machine)
        sizes = {row["level"]: row["size_bytes"] for row in json.loads(done.out)["caches"] if row["type"] != "instruction"}
        self.assertEqual(sorted(sizes), [1, 3], "hwloc's description was understood")
        self.assertEqual(self.findings(cache(sizes[1], sizes[3]), machine=machine), [])
        self.assertEqual(self.findings(cache(sizes[1], sizes[3] * 1.3), machine=machine), [])
        self.assertEqual(self.findings(cache(sizes[1], sizes[3] / 4), machine=machine), ["measured-cache-differs"])
        self.assertEqual(self.findings(cache(sizes[1]), machine=machine), [], "a level that was not seen")
        self.assertEqual(self.findings({**cache(sizes[1], sizes[3] / 4), "reliable": False}, machine=machine),
                         ["measured-unreliable"])

    def test_findings_of_memory(self):
        machine = json.loads(topo("show", "--json", "-i", "node:3 core:2 pu:1").out)
        machine["distances"] = {"nodes": [0, 1, 2], "matrix": [[10, 20, 30], [20, 10, 20], [30, 20, 10]]}
        path = self.folder / "machine.json"
        path.write_text(json.dumps(machine))
        for latencies_ns, elsewhere, expected in (((90, 130, 180), 0, []), ((90, 180, 130), 0, ["measured-distance-differs"]),
                                                  ((90, 131, 130), 0, []), ((90, 180, 130), 9, ["measured-memory-elsewhere"])):
            document = memory(latencies_ns, "0-5", elsewhere)
            self.assertEqual(self.findings(document, machine=path), expected, latencies_ns)
        self.assertIn("9 of 256 pages of node 0", topo("show", "-i", path, "--measured", self.file(memory([90], "0", 9))).out)

    def test_what_was_measured_here_is_read(self):
        for kind, budget in (("cache", "1s"), ("memory", "500ms")):
            path = self.folder / f"{kind}.json"
            self.assert_ok(topo("measure", kind, "--budget", budget, "--json", "-o", path))
            document = json.loads(path.read_text())
            self.assertEqual("measured-unreliable" in self.findings(document, machine=""), not document["reliable"])
            found = self.findings({**document, "reliable": True, "reason": None}, machine="")
            if kind == "cache":
                self.assertEqual(found, ["measured-cache-differs"] if self.differing(document) else [])
                continue
            lost = any(cell["pages_elsewhere"] for cell in document["cells"])
            is_known = all(cell["placement"] == "there" for cell in document["cells"])
            pairs = (document["slit"]["contradicting"] + document["hmat"]["contradicting"]) * is_known
            self.assertEqual(found, ["measured-memory-elsewhere"] * lost + ["measured-distance-differs"] * (pairs > 0))

    def differing(self, document):
        """By the document's own verdicts, which are of this machine's claims."""
        for row in document["measured"]:
            for levels, knees, unit in (("caches", "cache_knees", "bytes"), ("tlbs", "tlb_knees", "pages")):
                rising = [knee["at"] for knee in row[knees] if knee["open"]]
                for level in row[levels]:
                    found, declared = level[f"measured_{unit}"], level[f"declared_{unit}"]
                    if level["verdict"] == "differs" and not (found in rising and found < declared):
                        return True
        return False

    def test_a_plan_says_that_it_does_not_go_by_caches_and_memory(self):
        _, plain = self.plan()
        for document in (cache(32768), memory([90])):
            done, measured = self.plan("--measured", self.file(document))
            self.assertEqual(measured["workers"], plain["workers"])
            self.assertIn(f"plans do not go by the result of measure {document['what']}", done.err)

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

    def test_results_of_another_machine(self):
        own = json.loads(topo("plan", "--workers", "1", "-i", FLAT).out)["machine"]["fingerprint"]
        for document in (HALVES, cache(32768), memory([90]), self.latencies()):
            for words in (("show",), ("plan", "--workers", "1")):
                for fingerprint in (own, None):
                    path = self.file({**document, "fingerprint": fingerprint})
                    self.assertEqual(topo(*words, "-i", FLAT, "--measured", path).status, 0)
                path = self.file({**document, "fingerprint": "0123456789abcdef"})
                self.assert_fails(topo(*words, "-i", FLAT, "--measured", path), 1, path.name, "another machine", own,
                                  "0123456789abcdef", "hint: ")
        for wrong in ("0123", "0123456789ABCDEF", "\u001b[31m0123456789", 7):
            path = self.file({**HALVES, "fingerprint": wrong})
            self.assert_fails(topo("show", "-i", FLAT, "--measured", path), 1, path.name, "/fingerprint")

    def test_results_carry_the_fingerprint(self):
        own = json.loads(topo("show", "--json").out)["fingerprint"]
        for kind in ("cores", "smt", "cache", "memory", "jitter"):
            done = topo("measure", kind, "--budget", "100ms", "--json")
            if done.status == 0:  # two CPUs are needed, and time on both
                self.assertEqual(json.loads(done.out)["fingerprint"], own, kind)
            else:
                self.assertIn(kind, ("cores", "smt"))
        self.assertIsNone(self.latencies()["fingerprint"])

    def test_files_that_do_not_fit(self):
        path = self.file(HALVES)
        self.assert_fails(topo("show", "-i", "pack:1 core:4 pu:1", "--measured", path), 1, path.name, "4-7", "hint: ")
        self.assert_fails(topo("plan", "-w", "1", "-i", "pack:1 core:4 pu:1", "--measured", path), 1, path.name)
        self.assert_fails(topo("show", "-i", FLAT, "--measured", path, "--measured", path), 2, "two results of measure smt")
        self.assert_fails(topo("show", "-i", FLAT, "--measured", self.folder / "none"), 1, "none")
        path.write_text('{"schema": "torque.measure/1", "what": "jitter"}')
        self.assert_fails(topo("plan", "-w", "1", "-i", FLAT, "--measured", path), 1, "/what", "measure jitter")
        for document in (cache(32768), memory([90])):
            path = self.file(document)
            self.assert_fails(topo("show", "-i", "pack:1 core:4 pu:1", "--measured", path), 1, path.name, "4-7")
        self.assert_fails(topo("show", "-i", FLAT, "--measured", path, "--measured", path), 2, "two results of measure memory")
        self.assert_fails(topo("show", "-i", FLAT, "--measured", self.file(cache(2, 1))), 1, "/measured/0/cache_knees/1/at")
        self.assert_fails(topo("show", "--measured", "-", "-i", "-"), 2, "once")
        self.assert_fails(topo("plan", "-w", "1", "-i", FLAT, "-i", FLAT, "--measured", path), 2, "--measured", "one machine")


if __name__ == "__main__":
    harness.main()
