"""What --input takes: folders and archives of any compression, at any depth, and standard input."""

import bz2
import gzip
import json
import lzma
import shutil
import subprocess

import compare
import harness
import hostile
import machines
from harness import topo

PACKINGS = (".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst")


def without_source(text):
    document = json.loads(text)
    del document["host"]["source"]
    return document


class Inputs(harness.TestCase):
    def shown(self, path, **how):
        done = topo("show", "--json", "--input", path, **how)
        self.assert_ok(done)
        return without_source(done.out)

    def test_a_folder_and_every_packing_of_it_are_one_machine(self):
        folder = self.machine_folder("container-v2")
        wanted = self.shown(folder)
        self.assertEqual(len(wanted["cpus"]), 20)
        for end in PACKINGS:
            path = self.folder / f"machine{end}"
            with self.subTest(packing=end):
                if not machines.can_pack(path):
                    self.skipTest("zstd is not installed")
                machines.write_tar("container-v2", path)
                self.assertEqual(self.shown(path), wanted)
                renamed = path.rename(self.folder / "named-like-nothing")  # content decides, not the name
                self.assertEqual(self.shown(renamed), wanted)
                with open(renamed, "rb") as stream:
                    self.assertEqual(self.shown("-", stdin=stream), wanted)

    def test_documents_and_dumps_may_be_compressed(self):
        machine = self.machine("hybrid")
        document = topo("show", "--json", "-i", machine).out
        xml = compare.XML
        dump = hostile.DUMP.decode()
        pack = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
        if shutil.which("zstd"):
            pack[".zst"] = lambda data: subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout
        for kind, text in (("json", document), ("xml", xml), ("cpuid", dump)):
            plain = self.folder / f"m.{kind}"
            plain.write_text(text)
            wanted = self.shown(plain)
            for end, compress in pack.items():
                with self.subTest(kind=kind, packing=end):
                    packed = self.folder / f"packed{end}"
                    packed.write_bytes(compress(text.encode()))
                    found = self.shown(packed)
                    for one in (wanted, found):
                        one["provenance"] = []  # names the file
                        for finding in one["findings"]:
                            finding["sources"] = []
                    self.assertEqual(found, wanted)
                    packed.write_bytes(compress(text.encode())[:-20])
                    self.assert_fails(topo("show", "-i", packed), 1, packed.name)
        for end, compress in pack.items():
            packed = self.folder / f"nothing{end}"
            packed.write_bytes(compress(b"no machine\n"))
            self.assert_fails(topo("show", "-i", packed), 1, packed.name, "an input is")
        bomb = self.folder / "bomb.gz"
        bomb.write_bytes(gzip.compress(b"{" + b" " * (1 << 20)) * 80)
        done = topo("show", "-i", bomb)
        self.assert_fails(done, 1, "bomb.gz", "more than")
        self.assertLess(done.max_rss_mib, 400 * (4 if harness.options.sanitized else 1))

    def test_a_pipe_is_read_to_its_end(self):
        path = self.machine("hybrid")
        with subprocess.Popen(["cat", str(path)], stdout=subprocess.PIPE) as cat:
            piped = self.shown("-", stdin=cat.stdout)
        self.assertEqual(piped, self.shown(path))

    def test_the_machine_may_be_below_other_folders(self):
        wanted = self.shown(self.machine("hybrid"))
        machines.write_folder("hybrid", self.folder / "a" / "b" / "c")
        self.assertEqual(self.shown(self.folder), wanted)
        machines.write_tar("hybrid", self.folder / "deep.tar", top="./a/b/c/d")
        self.assertEqual(self.shown(self.folder / "deep.tar"), wanted)
        machines.write_tar("hybrid", self.folder / "flat.tar", top=".")
        self.assertEqual(self.shown(self.folder / "flat.tar"), wanted)

    def test_the_order_of_entries_does_not_matter(self):
        first = self.machine_folder("two-sockets")
        machines.write_folder("two-sockets", self.folder / "other" / "two-sockets", shuffle_seed=7)
        for command in (["show"], ["show", "--json"], ["plan", "--workers", "8"], ["plan", "-w", "6", "--policy", "huddle"]):
            with self.subTest(command=command):
                one, other = (topo(*command, "-i", "two-sockets", cwd=path)
                              for path in (first.parent, self.folder / "other"))
                self.assert_ok(one)
                self.assertEqual(one.out, other.out)

    def test_the_same_command_gives_the_same_bytes(self):
        machine = self.machine("epyc-nps4")
        for command in (["show", "--json"], ["plan", "--workers", "8"], ["plan", "--workers", "auto"]):
            with self.subTest(command=command):
                outputs = {topo(*command, "-i", machine).out for _ in range(3)}
                self.assertEqual(len(outputs), 1)
                self.assertNotEqual(outputs, {""})

    def test_a_layout_does_not_depend_on_how_the_machine_was_packed(self):
        folder = self.machine_folder("hybrid")
        layouts = {topo("plan", "-w", "4", "-i", path).out for path in (folder, self.machine("hybrid"))}
        self.assertEqual(len(layouts), 1)

    def test_4096_cpus(self):
        machine = self.machine("huge")
        done = topo("show", "--json", "-i", machine)
        self.assert_ok(done)
        document = json.loads(done.out)
        self.assertEqual([len(document[name]) for name in ("cpus", "cores", "packages", "nodes", "caches")],
                         [4096, 2048, 32, 32, 3 * 2048 + 32])
        self.assertLess(done.max_rss_mib, 600 * (4 if harness.options.sanitized else 1))
        tree = topo("show", "-i", machine)
        self.assert_ok(tree)
        self.assertLess(tree.out.count("\n"), 100)
        layout = topo("plan", "--workers", "auto", "-i", machine)
        self.assertEqual(layout.status, 0, layout.err)
        planned = json.loads(layout.out)
        # Each node of 64 cores keeps ceil(60 / 16) = 4 of them: with 61 workers and more it would be 4 as well.
        self.assertEqual(len(planned["workers"]), 32 * 60)
        self.assertLessEqual(len(planned["boot"]["cmdline"] or ""), 2048)


if __name__ == "__main__":
    harness.main()
