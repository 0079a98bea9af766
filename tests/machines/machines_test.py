"""The machines themselves: their masks, lists, links and archives are what a kernel and tar would have written."""

import io
import tarfile
import unittest

import files
import machines
import tarball


class Machines(unittest.TestCase):
    def test_lists_and_masks_are_the_kernels(self):
        self.assertEqual(files.cpu_list({0, 1, 2, 8}), "0-2,8")
        self.assertEqual(files.cpu_list(()), "")
        self.assertEqual(files.cpu_mask(frozenset({0, 4}), 8), "11")
        self.assertEqual(files.cpu_mask(frozenset({1, 33}), 48), "0002,00000002")
        self.assertEqual(files.cpu_mask(frozenset({32}), 64), "00000001,00000000")

    def test_second_threads_come_next_or_last(self):
        self.assertEqual(machines.tree("hybrid")["sys/devices/system/cpu/cpu3/topology/core_cpus_list"], "2-3\n")
        self.assertEqual(machines.tree("two-sockets")["sys/devices/system/cpu/cpu3/topology/core_cpus_list"], "3,19\n")

    def test_offline_cpus_have_no_topology(self):
        tree = machines.tree("offline-siblings")
        self.assertEqual(tree["sys/devices/system/cpu/cpu5/online"], "0\n")
        self.assertFalse([path for path in tree if path.startswith("sys/devices/system/cpu/cpu5/t")])
        self.assertEqual(tree["sys/devices/system/cpu/cpu4/topology/core_cpus_list"], "4\n")

    def test_an_old_kernel_has_no_lists(self):
        named = [path for path in machines.tree("old-kernel") if path.startswith("sys/") and path.endswith("_list")]
        self.assertEqual(named, [])

    def test_every_machine_says_why_it_is_odd(self):
        for name in [*machines.names(), "huge"]:
            self.assertGreater(len(machines.machine(name).about.split()), 5, name)

    def test_links_lead_to_something(self):
        for name in machines.names():
            tree = machines.tree(name)
            folders = {path.rsplit("/", depth)[0] for path in tree for depth in range(1, path.count("/") + 1)}
            for path, content in tree.items():
                if isinstance(content, files.Link):
                    way = path.split("/")[:-1]
                    for step in content.target.split("/"):
                        way = way[:-1] if step == ".." else [*way, step]
                    self.assertIn("/".join(way), folders, f"{name}/{path}")

    def test_archives_are_tars(self):
        long_path = "a/" * 80 + "f"
        data = (tarball.entry("x", b"text") + tarball.entry(long_path, b"") + tarball.entry("l", kind=tarball.LINK, target="x")
                + tarball.END)
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            self.assertEqual(tar.getnames(), ["x", long_path, "l"])
            self.assertEqual(tar.extractfile("x").read(), b"text")
            self.assertEqual(tar.getmember("l").linkname, "x")


if __name__ == "__main__":
    unittest.main()
