"""show --compare: what hwloc sees otherwise is told with both sides' word, what it sees alike makes no noise."""

import ctypes.util
import glob
import json
import os

import harness
from harness import topo

# As hwloc 2 writes it: two cores with two threads each, an L2 a core, one node.
XML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE topology SYSTEM "hwloc2.dtd">
<topology version="2.0">
  <object type="Machine" os_index="0" cpuset="0xf" complete_cpuset="0xf" allowed_cpuset="0xf" nodeset="0x1" complete_nodeset="0x1" allowed_nodeset="0x1" gp_index="1">
    <object type="Package" os_index="0" cpuset="0xf" complete_cpuset="0xf" nodeset="0x1" complete_nodeset="0x1" gp_index="2">
      <object type="NUMANode" os_index="0" cpuset="0xf" complete_cpuset="0xf" nodeset="0x1" complete_nodeset="0x1" gp_index="3" local_memory="1073741824"/>
      <object type="Core" os_index="0" cpuset="0x3" complete_cpuset="0x3" nodeset="0x1" complete_nodeset="0x1" gp_index="4">
        <object type="PU" os_index="0" cpuset="0x1" complete_cpuset="0x1" nodeset="0x1" complete_nodeset="0x1" gp_index="5"/>
        <object type="PU" os_index="1" cpuset="0x2" complete_cpuset="0x2" nodeset="0x1" complete_nodeset="0x1" gp_index="6"/>
      </object>
      <object type="Core" os_index="1" cpuset="0xc" complete_cpuset="0xc" nodeset="0x1" complete_nodeset="0x1" gp_index="7">
        <object type="PU" os_index="2" cpuset="0x4" complete_cpuset="0x4" nodeset="0x1" complete_nodeset="0x1" gp_index="8"/>
        <object type="PU" os_index="3" cpuset="0x8" complete_cpuset="0x8" nodeset="0x1" complete_nodeset="0x1" gp_index="9"/>
      </object>
    </object>
  </object>
</topology>
"""


def folders_left():
    return set(glob.glob("/dev/shm/torque-??????") + glob.glob("/tmp/torque-??????"))


class Compare(harness.TestCase):
    def compared(self, *arguments, **how):
        """The findings hwloc-differs, and what the provenance says of hwloc."""
        done = topo("show", "--json", *arguments, **how)
        self.assert_ok(done)
        machine = json.loads(done.out)
        differing = [finding for finding in machine["findings"] if finding["id"] == "hwloc-differs"]
        opinion = [row["source"] for row in machine["provenance"] if row["fact"] == "as hwloc sees it"]
        return differing, opinion

    def xml(self, text=XML):
        (self.folder / "m.xml").write_text(text)
        return self.folder / "m.xml"

    def test_hwloc_sees_the_same_machines(self):
        before = folders_left()
        for name in ("hybrid", "two-sockets", "epyc-nps4", "offline-siblings", "cxl-memory", "sparse-nodes"):
            with self.subTest(machine=name):
                differing, opinion = self.compared("--compare", "hwloc", "-i", self.machine(name))
                self.assertEqual(differing, [])
                self.assertIn("the same CPUs", opinion[0])
        self.assertEqual(folders_left() - before, set())

    def test_nodes_that_overlap_are_seen_otherwise(self):
        folder = self.machine_folder("two-sockets")
        node0, node1 = (folder / f"sys/devices/system/node/node{node}" for node in (0, 1))
        for name in ("cpumap", "cpulist"):
            (node1 / name).write_text((node0 / name).read_text())
        differing, opinion = self.compared("--compare", "hwloc", "-i", folder)
        self.assertEqual(len(differing), 1)
        self.assertIn("2 nodes here, 1 by hwloc: node 1", differing[0]["message"])
        self.assertTrue(differing[0]["hint"])
        self.assertIn("hwloc", differing[0]["sources"][1])
        self.assertNotIn("the same", opinion[0])

    def test_a_plain_show_has_no_second_opinion(self):
        self.assertEqual(self.compared("-i", self.machine("hybrid")), ([], []))

    def test_a_file_of_xml(self):
        differing, opinion = self.compared("--compare", self.xml(), "-i", self.xml())
        self.assertEqual(differing, [])
        self.assertIn("the same CPUs", opinion[0])
        split = self.folder / "split.xml"
        split.write_text(XML.replace('"0x3"', '"0x5"').replace('"0xc"', '"0xa"')
                         .replace('os_index="1" cpuset="0x2" complete_cpuset="0x2"', 'os_index="2" cpuset="0x4" complete_cpuset="0x4"', 1)
                         .replace('os_index="2" cpuset="0x4" complete_cpuset="0x4" nodeset="0x1" complete_nodeset="0x1" gp_index="8"',
                                  'os_index="1" cpuset="0x2" complete_cpuset="0x2" nodeset="0x1" complete_nodeset="0x1" gp_index="8"'))
        differing, _ = self.compared("--compare", split, "-i", self.xml())
        self.assertEqual([finding["message"] for finding in differing],
                         ["2 cores here, 2 by hwloc: the first unlike has CPUs 0-1 here, CPUs 0,2 by hwloc"])

    def test_xml_and_descriptions_have_findings_of_their_own(self):
        ids = lambda path: [finding["id"] for finding in json.loads(topo("show", "--json", "-i", path).out)["findings"]]
        self.assertEqual(ids(self.xml()), [])
        self.assertEqual(ids(self.xml(XML.replace('complete_cpuset="0xf"', 'complete_cpuset="0x1f"', 1))), ["cpus-offline"])
        self.assertEqual(ids("pack:2 core:2 pu:1"), [])

    def test_people_read_one_line_when_both_agree(self):
        done = topo("show", "--compare", "hwloc", "-i", self.machine("hybrid"))
        self.assert_ok(done)
        self.assertRegex(done.out, r"agreed +hwloc, API 2\.\d+: the same CPUs")

    def test_the_live_machine(self):
        _, opinion = self.compared("--compare", "hwloc")
        self.assertEqual(len(opinion), 1)

    def test_variables_of_hwloc_change_nothing(self):
        env = harness.environment(HWLOC_SYNTHETIC="pack:7 core:1 pu:1", HWLOC_XMLFILE="/nonexistent", HWLOC_FSROOT="/nonexistent")
        differing, _ = self.compared("--compare", "hwloc", "-i", self.machine("hybrid"), env=env)
        self.assertEqual(differing, [])

    def test_without_hwloc(self):
        names = glob.glob("/usr/lib/*/libhwloc.so.[0-9]*") + glob.glob("/usr/lib*/libhwloc.so.[0-9]*")
        found = ctypes.util.find_library("hwloc")
        if not found and not names:
            self.skipTest("hwloc is not where this test looks for its name")
        name = found or os.path.basename(min(names, key=len))
        (self.folder / name).write_text("no library\n")  # the loader finds this first, and gives up
        env = harness.environment(LD_LIBRARY_PATH=str(self.folder))
        done = topo("show", "--compare", "hwloc", "-i", self.machine("hybrid"), env=env)
        self.assert_fails(done, 1, name, "hint: install it", "libhwloc15")
        self.assert_ok(topo("show", "-i", self.machine("hybrid"), env=env))

    def test_wrong_usage(self):
        machine = self.machine("hybrid")
        self.assert_fails(topo("show", "--compare"), 2, "--compare")
        self.assert_fails(topo("show", "--compare", self.folder / "none.xml", "-i", machine), 1, "none.xml", "hwloc")
        self.assert_fails(topo("show", "--compare", machine, "-i", machine), 1, "no XML", "diff")
        self.assert_fails(topo("show", "--compare", "hwloc", "-i", self.xml()), 1, "m.xml", "--compare machine.xml")
        self.assert_fails(topo("show", "--compare", "hwloc", "-i", "pack:1 core:2 pu:1"), 1, "document")


if __name__ == "__main__":
    harness.main()
