"""show --format svg, html, box, table and matrix: well-formed, bounded, escaped, and refused where they cannot be."""

import json
import re
import xml.etree.ElementTree as ET

import harness
from harness import TestCase, options, topo

EPYC = "pack:2 numa:1 l3:12 l2:8 core:1 pu:2"
HUGE = "pack:8 numa:1 l3:16 core:8 pu:1"
SVG = "{http://www.w3.org/2000/svg}"
MIB = 1 << 20


class Pictures(TestCase):
    def show(self, machine, *words, **how):
        done = topo("show", "--input", machine, *words, **how)
        self.assert_ok(done)
        return done.out

    def test_large_machines_are_small_pictures(self):
        for name in (EPYC, HUGE):
            for form, cpus_max in (("svg", 200), ("html", 1024)):
                done = topo("show", "--format", form, "--input", name)
                self.assert_ok(done)
                self.assertLess(len(done.out), 2 * MIB)
                self.assertLess(done.cpu_seconds, 10 if options.sanitized else 1)
                if form == "svg":
                    cpus = [g for g in ET.fromstring(done.out).iter(SVG + "g") if g.get("class", "").startswith("cpu")]
                    self.assertLessEqual(len(cpus), cpus_max)

    def test_svg_draws_every_cpu_of_a_small_machine(self):
        for name in ("hybrid", "two-sockets", "offline-siblings", "big-little", "memoryless-node"):
            machine = self.machine(name)
            cpus = {str(cpu["id"]) for cpu in json.loads(self.show(machine, "--json"))["cpus"]}
            root = ET.fromstring(self.show(machine, "--format", "svg"))
            drawn = [g.find(SVG + "text").text for g in root.iter(SVG + "g") if g.get("class", "").startswith("cpu")
                     and g.find(SVG + "title") is not None]
            self.assertEqual(sorted(drawn), sorted(cpus), name)

    def test_boxes_lie_in_boxes(self):
        """No box sticks out of the one around it, nor out of the picture."""
        def corners(g):
            own = g.find(SVG + "rect")
            if own is None:
                return None
            x, y, width, height = (float(own.get(word)) for word in ("x", "y", "width", "height"))
            return x, y, x + width, y + height

        def check(g, around):
            own = corners(g) or around
            self.assertTrue(around[0] <= own[0] and around[1] <= own[1] and own[2] <= around[2] + 1 and own[3] <= around[3] + 1,
                            (around, own))
            for child in g.findall(SVG + "g"):
                check(child, own)

        for machine in (*map(self.machine, ("hybrid", "nic-on-node-1", "cxl-memory", "offline-siblings", "sparse-nodes")), EPYC, HUGE):
            root = ET.fromstring(self.show(machine, "--format", "svg"))
            page = (0, 0, float(root.get("width")), float(root.get("height")))
            boxes = [g for g in root.findall(SVG + "g") if g.get("class", "").startswith("box")]
            self.assertEqual(len(boxes), 1)
            check(boxes[0], page)

    def test_hostile_names(self):
        machine = json.loads(self.show(self.machine("nic-on-node-1"), "--json"))
        evil = "<script>&\"'\x1b[31m\x00" + "\xff" * 3
        machine["host"]["model"] = evil
        for device in machine["devices"]:
            device.update(name=evil, vendor=evil, model=evil, driver=evil)
        path = self.folder / "evil.json"
        path.write_text(json.dumps(machine))
        ET.fromstring(self.show(path, "--format", "svg"))
        page = self.show(path, "--format", "html")
        self.assertEqual(page.count("<script"), 2)
        for form in ("box", "matrix", "table", "html", "svg"):
            self.assertNotIn("\x1b", self.show(path, "--format", form), form)

    def test_page_names_no_other_file(self):
        page = self.show(self.machine("hybrid"), "--format", "html")
        self.assertEqual(re.findall(r"(?:src|href)=\"(?!data:)[^\"]*", page), [])
        self.assertNotIn("://", page.replace("http://www.w3.org/2000/svg", ""))
        self.assertIn("default-src 'none'", page)

    def test_width_and_locale(self):
        for name in ("hybrid", "two-sockets", "epyc-nps4", "big-little"):
            out = self.show(self.machine(name), "--format", "box", env=harness.environment(LC_ALL="C"))
            self.assertTrue(out.isascii(), name)
            self.assertLessEqual(max(map(len, out.splitlines())), 100, name)
        out = self.show(self.machine("hybrid"), "--format", "box", env=harness.environment(LC_ALL="C.UTF-8"))
        self.assertIn("┌", out)
        self.assertNotIn("\x1b", out)

    def test_box_says_the_plan_without_colour(self):
        machine, layout = self.machine("hybrid"), self.folder / "layout.json"
        self.assert_ok(topo("plan", "--workers", "4", "--input", machine, "-o", layout))
        out = self.show(machine, "--format", "box", "--layout", layout)
        for words in ("4w0", "5s", "6w1", "10w3", "0h", "19h", "worker", "sibling", "housekeeping"):
            self.assertIn(words, out)
        coloured = self.show(machine, "--format", "box", "--layout", layout, env=harness.environment(CLICOLOR_FORCE="1"))
        self.assertEqual(re.sub(r"\x1b\[[0-9;]*m", "", coloured), out)
        self.assertIn("\x1b[1;7m4w0", coloured)

    def test_table(self):
        machine = self.machine("nic-on-node-1")
        lines = self.show(machine, "--format", "table", "--columns", "node,cpu,devices").splitlines()
        self.assertEqual(lines[0].split(), ["NODE", "CPU", "DEVICES"])
        rows = [line.split() for line in lines[1:]]
        self.assertEqual(rows[0], ["0", "0", "-"])
        self.assertEqual(rows[8], ["1", "8", "eth0"])
        self.assertEqual(len(rows), 32)
        listed = [line.split()[0] for line in topo("show", "--list-columns").out.splitlines()]
        every = self.show(machine, "--format", "table", "--columns", ",".join(listed)).splitlines()
        self.assertTrue(all(len(line.split()) == len(listed) for line in every))

    def test_offline_cpus_are_in_the_table(self):
        out = self.show(self.machine("offline-siblings"), "--format", "table", "--columns", "cpu,core,online")
        self.assertIn(["5", "-", "no"], [line.split() for line in out.splitlines()])

    def test_refused(self):
        machine, layout = self.machine("hybrid"), self.folder / "layout.json"
        self.assert_ok(topo("plan", "--workers", "4", "--input", machine, "-o", layout))
        other = self.machine("two-sockets")
        self.assert_fails(topo("show", "--format", "svg", "-i", other, "-l", layout), 1, "another machine", str(layout))
        self.assert_fails(topo("show", "--format", "tree", "-i", machine, "-l", layout), 2, "--layout goes with")
        self.assert_fails(topo("show", "--format", "table", "--columns", "cpu,nod"), 2, "\"nod\"", "did you mean node")
        self.assert_fails(topo("show", "--format", "table", "--columns", ","), 2, "no column")
        self.assert_fails(topo("show", "--columns", "cpu"), 2, "--format table")
        self.assert_fails(topo("show", "--format", "svg", "-i", "-", "-l", "-"), 2, "standard input")
        layout.write_text("{")
        self.assert_fails(topo("show", "--format", "box", "-i", machine, "-l", layout), 1, str(layout))


if __name__ == "__main__":
    harness.main()
