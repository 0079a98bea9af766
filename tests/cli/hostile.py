"""Inputs that want to be refused: soon, in little memory, and without a look at what lies outside of them."""

import gzip
import json
import lzma
import os
import random
import re
import resource
import socket

import harness
import machines
import tarball
from harness import topo

CPU_SECONDS_MAX = 3.0  # a refusal takes less than one; the rest is for slow machines
RSS_MIB_MAX = 600
ADDRESS_SPACE_BYTES_MAX = 2 << 30  # so that a program that does not know its limits meets this one
SANITIZED_FACTOR = 5
MIB = 1 << 20
CPU_DIR = "sys/devices/system/cpu"
CANARY_CPUS = "0-63"  # what the files outside tell of, and no machine below has


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_BYTES_MAX, ADDRESS_SPACE_BYTES_MAX))


def bounded(*arguments, **how):
    if harness.options.sanitized:  # its shadow memory is larger than any limit
        return topo(*arguments, **how)
    return topo(*arguments, preexec_fn=limit_memory, **how)


class Hostile(harness.TestCase):
    def assert_bounded(self, done):
        factor = SANITIZED_FACTOR if harness.options.sanitized else 1
        self.assertLess(done.cpu_seconds, CPU_SECONDS_MAX * factor)
        self.assertLess(done.max_rss_mib, RSS_MIB_MAX * factor)

    def assert_refused(self, path, *words, **how):
        for command in (["show"], ["plan", "--workers", "1"]):
            done = bounded(*command, "--input", path, **how)
            self.assert_fails(done, 1, *words)
            self.assert_bounded(done)

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path


class NotMachines(Hostile):
    def test_nothing_there(self):
        self.assert_refused(self.folder / "missing", "missing", "No such file")

    def test_an_empty_file(self):
        self.assert_refused(self.write("empty", b""), "empty")

    def test_an_empty_standard_input(self):
        self.assert_refused("-", "standard input")

    def test_a_closed_standard_input(self):
        done = harness.run(["bash", "-c", 'exec "$0" show -i - <&-', harness.options.topo])
        self.assert_fails(done, 1, "standard input")

    def test_random_bytes(self):
        for seed in range(20):
            with self.subTest(seed=seed):
                data = random.Random(seed).randbytes(10 ** (seed % 6))
                self.assert_refused(self.write("noise", data), "noise")

    def test_random_bytes_after_the_mark_of_a_format(self):
        for mark in (b"\x1f\x8b\x08\0", b"\xfd7zXZ\0", b"BZh9", b"\x28\xb5\x2f\xfd", b"<?xml version", b'{"schema":',
                     b"CPU 0:\n", b"   0x00000000 0x00: eax=", b"\x1f\x9d", b"LZIP\1", b"PK\3\4", b"7z\xbc\xaf\x27\x1c"):
            with self.subTest(mark=mark):
                self.assert_refused(self.write("noise", mark + random.Random(1).randbytes(5000)), "noise")

    def test_a_text(self):
        self.assert_refused(self.write("notes.txt", b"this is not a machine\n" * 1000), "notes.txt")

    def test_a_folder_without_sys(self):
        (self.folder / "photos" / "2026").mkdir(parents=True)
        self.assert_refused(self.folder / "photos", "photos", "sys/")

    def test_an_archive_without_sys(self):
        data = tarball.entry("photos/1.jpg", b"\xff\xd8") + tarball.END
        self.assert_refused(self.write("photos.tar", data), "photos.tar", "sys/")

    def test_a_sys_that_tells_of_no_cpu(self):
        (self.folder / "sys" / "devices" / "system" / "cpu").mkdir(parents=True)
        self.assert_refused(self.folder, "no CPU")

    def test_truncated_archives(self):
        for end in (".tar.xz", ".tar.gz", ".tar.bz2", ".tar"):
            path = self.folder / f"machine{end}"
            machines.write_tar("hybrid", path)
            data = path.read_bytes()
            for part in (len(data) // 2 + 100, len(data) - len(data) // 4 + 100, 300):  # in the midst of an entry
                with self.subTest(end=end, part=part):
                    self.assert_refused(self.write(f"cut{end}", data[:part]), f"cut{end}")

    def test_special_files(self):
        os.mkfifo(self.folder / "fifo")
        folder = self.machine_folder("nohz-null")
        (folder / CPU_DIR / "online").unlink()
        os.mkfifo(folder / CPU_DIR / "online")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(folder / CPU_DIR / "cpu0" / "socket"))
            done = bounded("show", "--json", "-i", folder)
        self.assert_ok(done)
        self.assertEqual(len(json.loads(done.out)["cpus"]), 8)


DUMP = b"CPU 0:\n   0x00000000 0x00: eax=0x00000001 ebx=0x756e6547 ecx=0x6c65746e edx=0x49656e69\n"
DESCRIPTION = "pack:1 core:4 pu:2"
PROFILE = {"schema": "torque.profile/1", "name": "p", "description": "d", "runtime": [],
           "boot": [{"name": "isolcpus", "value": "{isolated}", "why": "w"}]}


def changed(text, what, by):
    if text.count(what) == 0:
        raise ValueError(f"there is no {what!r} to be changed")
    return text.replace(what, by, 1).encode()


class Corrupt(Hostile):
    """Each kind of input with one fault: the error names the file and the place in it, and says what would do."""

    def assert_told(self, done, name, place):
        """place: a pattern of what follows the name in the error."""
        self.assertEqual((done.status, done.out), (1, ""), done.err)
        self.assertRegex(done.err, rf"\Atorque-topo: error: {re.escape(str(name))}{place}[^\n]+\n")
        self.assertRegex(done.err, r"(?m)^hint: \S")

    def assert_input_told(self, path, place):
        self.assert_told(bounded("show", "-i", path), path, place)

    def test_dumps(self):
        record = DUMP.splitlines()[1]
        for line in (record[:-1], record.replace(b"ecx=", b"ecx "), b"CPUID 00000001: 00000001-0000",
                     b"basic_cpuid[1]=00000001", b"CPU 99999:", b"CPUID 00000004: " + b"1" * 8 + b" [SL 01]"):
            with self.subTest(line=line):
                self.assert_input_told(self.write("dump.txt", DUMP + line + b"\n" + DUMP), ":3: ")
        for end in (b"ebx=0x756e", b"ebx=0x756e6547"):  # the first record is cut short
            with self.subTest(end=end):
                self.assert_input_told(self.write("dump.txt", DUMP[:DUMP.index(b"ebx=")] + end), ":2: not a whole CPUID record")

    def test_archives(self):
        for end in (".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst"):
            path = self.folder / f"machine{end}"
            if not machines.can_pack(path):
                continue
            machines.write_tar("nohz-null", path)
            data = path.read_bytes()
            middle = len(data) // 2 & ~511
            damaged = data[:middle] + bytes(byte ^ 0x5a for byte in data[middle:middle + 1536]) + data[middle + 1536:]
            for name, corrupt in (("cut", data[:middle + 100]), ("damaged", damaged)):
                with self.subTest(end=end, fault=name):
                    self.assert_input_told(self.write(f"{name}{end}", corrupt), ": .*archive")

    def test_documents(self):
        text = topo("show", "--json", "-i", DESCRIPTION).out
        syntax = r":\d+:\d+: not JSON: while parsing"
        for what, by, place in ((text[-9:], "", syntax), ('"id": 0,', '"id": 0;', syntax),
                                ('"apic_id": null', '"apic_id": "x"', ": /cpus/0/apic_id: "),
                                ('"smt": 1', '"smt": -1.5', ": /cpus/1/smt: "),
                                ('"cpus": "0-1"', '"cpus": "0-"', ": /cores/0/cpus: "),
                                ("torque.machine/1", "torque.machine/9", ": /schema: ")):
            with self.subTest(by=by):
                path = self.write("machine.json", changed(text, what, by))
                self.assert_told(bounded("show", "-i", path), path, place)

    def test_xml(self):
        lines = [b'<?xml version="1.0"?>', b'<topology version="2.0">', b'<object type="PU" os_index="1"/>', b"</topology>", b""]
        for tag, line in ((b'<object type="PU" os_index="99999999"/>', 3), (b"<!ENTITY x>", 3), (b"<a b='<'/>", 3),
                              (b'<object type="PU"', 3), (b"<object>", 5)):
            with self.subTest(tag=tag):
                path = self.write("m.xml", b"\n".join(lines[:2] + [tag] + lines[3:]))
                self.assert_input_told(path, f":{line}: cannot read the XML")
        self.assert_input_told(self.write("m.xml", b"\n".join(lines)), ": ")

    def test_descriptions(self):
        for text in ("pack:2 nonsense:2", "pack:0", "pack:2 core:x pu:2", "pack:70000 pu:2"):
            with self.subTest(text=text):
                self.assert_input_told(text, ": ")

    def test_lists(self):
        for text in ("0-x", "5-2", "1,,x", "0-99999999", "4-"):
            with self.subTest(text=text):
                done = bounded("plan", "--workers", "1", "--cpus", text, "-i", DESCRIPTION)
                self.assertEqual((done.status, done.out), (2, ""))
                self.assertRegex(done.err, rf'\Atorque-topo: error: --cpus: .*"{text}".*\nhint: \S')

    def test_files_of_a_snapshot(self):
        """Absent as far as the machine goes, and a finding says why."""
        folder = self.machine_folder("nohz-null")
        damaged = {CPU_DIR + "/possible": "0-x"}
        for name in ("core_cpus", "core_cpus_list", "thread_siblings", "thread_siblings_list"):
            damaged[CPU_DIR + "/cpu3/topology/" + name] = "zz,1"
        for name, text in damaged.items():
            self.assertTrue((folder / name).exists(), name)
            (folder / name).write_text(text + "\n")
            done = bounded("show", "--json", "-i", folder)
            self.assert_ok(done)
        found = [finding for finding in json.loads(done.out)["findings"] if finding["id"] == "file-damaged"]
        self.assertEqual(len(found), 1)
        self.assertIn("/" + CPU_DIR + "/possible (\"0-x\")", found[0]["message"])

    def test_profiles(self):
        text = json.dumps(PROFILE)
        syntax = r":\d+:\d+: not JSON: while parsing"
        for what, by, place in (("}]", "]", syntax), ('"isolcpus"', "4", ": /boot/0/name: "), ('"why"', '"whi"', ": /boot/0: "),
                                ("{isolated}", "{isolate", ": /boot/0/value: "), ("profile/1", "layout/1", ": /schema: "),
                                ('"name": "p", ', "", ": /: ")):
            with self.subTest(by=by):
                path = self.write("p.json", changed(text, what, by))
                self.assert_told(bounded("plan", "-w", "1", "--profile", path, "-i", DESCRIPTION), path, place)


class Bombs(Hostile):
    def pack(self, name, chunk, times, head=b""):
        """head, and chunk so many times: compressed once, and repeated as members of one compressed file."""
        squeeze = gzip.compress if name.endswith(".gz") else lambda data: lzma.compress(data, preset=0)
        path = self.folder / name
        with open(path, "wb") as out:
            if head:
                out.write(squeeze(head))
            packed = squeeze(chunk)
            for _ in range(times):
                out.write(packed)
        return path

    def test_two_gibibytes_of_zeros_in_one_file(self):
        head = tarball.header("machine/" + CPU_DIR + "/online", 2048 * MIB)
        for end in (".gz", ".xz"):
            with self.subTest(end=end):
                self.assert_refused(self.pack(f"zeros.tar{end}", bytes(MIB), 2048, head), "too large", "online")

    def test_a_size_beyond_every_disk(self):
        data = tarball.header(CPU_DIR + "/online", 1 << 60)
        self.assert_refused(self.write("promise.tar", data))

    def test_two_gibibytes_of_zeros_and_nothing_else(self):
        path = self.write("zeros", b"")
        os.truncate(path, 2048 * MIB)
        self.assert_refused(path, "zeros")
        for end in (".gz", ".xz"):
            with self.subTest(end=end):
                self.assert_refused(self.pack(f"zeros{end}", bytes(MIB), 2048), f"zeros{end}")

    def test_many_files_that_are_large_together(self):
        chunk = tarball.entry("machine/sys/devices/zeros", bytes(15 * MIB))
        self.assert_refused(self.pack("many.tar.gz", chunk, 200), "too large")

    def test_hard_links_to_a_large_file(self):
        chunk = tarball.entry("sys/devices/ones", b"1" * (15 * MIB))
        links = b"".join(tarball.entry(f"sys/devices/link{i}", kind=tarball.HARD_LINK, target="sys/devices/ones")
                         for i in range(1000))
        self.assert_refused(self.pack("links.tar.gz", links, 1, chunk), "too large")

    def test_ten_million_entries(self):
        # All of one name: distinct ones would only make the archive longer; the next test is about memory.
        chunk = tarball.entry("machine/sys/devices/x") * 1000
        self.assert_refused(self.pack("entries.tar.gz", chunk, 10_000), "too large", "entries")

    def test_a_million_folders_in_few_entries(self):
        # Each entry makes 60 folders of its own: to count entries is not to count what they cost.
        chunk = b"".join(tarball.entry(f"sys/devices/{i:06}/" + "a/" * 60 + "f") for i in range(100_000))
        done = bounded("show", "-i", self.pack("deep.tar.gz", chunk, 1))
        self.assertEqual((done.status, done.out), (1, ""))
        self.assert_bounded(done)

    def test_lists_that_name_every_cpu_over_and_over(self):
        text = "0-1048575," * 20_000 + "0"
        files = machines.tree("nohz-null") | {CPU_DIR + "/online": text}
        data = b"".join(tarball.entry(path, content.encode()) for path, content in files.items() if isinstance(content, str))
        done = bounded("show", "--json", "-i", self.write("lists.tar", data + tarball.END))
        self.assert_ok(done)
        self.assert_bounded(done)
        row = '{"level": 1, "type": "data", "cpus": "1048575"}'  # 128 KiB of memory each
        for members in (f'"host": {{"possible": "{text}"}}, "cpus": [{{"id": 0}}]',
                        f'"host": {{}}, "cpus": [{{"id": 1048575}}], "caches": [{", ".join([row] * 50_000)}]'):
            document = '{"schema": "torque.machine/1", ' + members + "}"
            self.assert_refused(self.write("lists.json", document.encode()), "lists.json: /")

    def test_a_process_in_a_group_a_million_folders_deep(self):
        files = machines.tree("container-v2") | {"proc/self/cgroup": "0::" + "/a" * 1_000_000 + "\n",
                                                 "proc/self/mounts": "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n" * 20_000}
        data = b"".join(tarball.entry(path, content.encode()) for path, content in files.items() if isinstance(content, str))
        done = bounded("show", "--json", "-i", self.write("deep.tar", data + tarball.END))
        self.assert_ok(done)
        self.assert_bounded(done)

    def test_cpus_beyond_any_machine_each_with_a_set_of_its_own(self):
        data = b"".join(tarball.entry(f"{CPU_DIR}/cpu{i}/topology/core_cpus_list", f"{i},1048575".encode())
                        for i in range(20_000)) + tarball.END
        done = bounded("show", "-i", self.write("sets.tar", data))
        self.assertIn(done.status, (0, 1), done.err)
        self.assert_bounded(done)

    def test_a_path_deeper_than_any_snapshot(self):
        data = tarball.entry("a/" * 110 + "sys/devices/x") + tarball.END
        self.assert_refused(self.write("deep.tar", data), "deep")

    def test_a_wide_folder_without_a_machine(self):
        for i in range(2100):  # more than are searched
            (self.folder / f"d{i}").mkdir()
        self.assert_refused(self.folder, "sys/")

    def test_numbers_beyond_all_bounds(self):
        values = (b"0-4294967295", b"0-99999999999999999999", b"18446744073709551615", b"-1", b"9" * 100_000,
                  b"0," * 100_000, b"\xff\xfe\0\1", b"ffffffff," * 20_000)
        names = ("online", "possible", "present", "isolated", "nohz_full", "cpu0/topology/core_cpus",
                 "cpu0/topology/core_id", "cpu0/cache/index0/size", "cpu0/cache/index0/shared_cpu_map")
        files = machines.tree("nohz-null")
        for value in values:
            with self.subTest(value=value[:30]):
                path = self.folder / "machine.tar"
                with open(path, "wb") as out:
                    for name, content in files.items():
                        if not isinstance(content, str):
                            continue
                        is_hit = name.startswith(CPU_DIR) and name[len(CPU_DIR) + 1:] in names
                        out.write(tarball.entry(name, value if is_hit else content.encode()))
                    out.write(tarball.END)
                for command in (["show"], ["show", "--json"], ["plan", "--workers", "1"]):
                    done = bounded(*command, "-i", path)
                    self.assertIn(done.status, (0, 1, 3), done.err)
                    self.assert_bounded(done)


class Escapes(Hostile):
    """Links and paths that lead out of the snapshot, to a canary that tells of 64 CPUs."""

    def setUp(self):
        super().setUp()
        self.outside = self.folder / "outside"
        machines.write_folder("vm-no-caches", self.outside)
        (self.outside / "cpus").write_text(CANARY_CPUS + "\n")
        (self.outside / "version").write_text("Linux version CANARY\n")

    def assert_not_seen(self, path):
        done = bounded("show", "--json", "-v", "-i", path)
        self.assertIn(done.status, (0, 1), done.err)
        self.assert_bounded(done)
        self.assertNotIn("CANARY", done.out + done.err)
        self.assertNotIn("QEMU", done.out + done.err)
        if done.status == 0:
            self.assertLess(len(json.loads(done.out)["cpus"]), 10)
        return done

    def targets(self, name):
        return (str(self.outside / name), f"../../../../../outside/{name}",
                "../" * 30 + str(self.outside / name).lstrip("/"), f"/proc/self/root{self.outside / name}")

    def test_links_out_of_a_folder(self):
        folder = self.machine_folder("nohz-null")
        for name, target_name in ((CPU_DIR + "/online", "cpus"), (CPU_DIR + "/possible", "cpus"), ("proc/version", "version")):
            for target in self.targets(target_name):
                with self.subTest(name=name, target=target):
                    (folder / name).unlink()
                    (folder / name).symlink_to(target)
                    self.assertEqual(self.assert_not_seen(folder).status, 0)

    def test_a_folder_whose_sys_is_elsewhere(self):
        for target in (self.outside / "sys", "../outside/sys"):
            with self.subTest(target=target):
                folder = self.folder / "machine"
                folder.mkdir(exist_ok=True)
                (folder / "sys").unlink(missing_ok=True)
                (folder / "sys").symlink_to(target)
                self.assertEqual(self.assert_not_seen(folder).status, 1)

    def test_links_out_of_an_archive(self):
        files = machines.tree("nohz-null")
        for name, target_name in ((CPU_DIR + "/online", "cpus"), ("proc/version", "version")):
            for target in self.targets(target_name):
                for kind in (tarball.LINK, tarball.HARD_LINK):
                    if len(target) > 100:
                        continue  # a ustar header has no room for it
                    with self.subTest(name=name, target=target, kind=kind):
                        data = b"".join(tarball.entry(path, content.encode()) for path, content in files.items()
                                        if isinstance(content, str) and path != name)
                        data += tarball.entry(name, kind=kind, target=target) + tarball.END
                        self.assertEqual(self.assert_not_seen(self.write("machine.tar", data)).status, 0)

    def test_entries_with_paths_out_of_the_archive(self):
        before = sorted(path.name for path in self.folder.iterdir())
        data = b"".join(tarball.entry(path, b"0-63\n") for path in (
            "../evil", "../../evil", "/" + CPU_DIR + "/../../../../../evil", "sys/../../evil", str(self.folder / "evil")))
        done = self.assert_not_seen(self.write("evil.tar", data + tarball.END))
        self.assertEqual(done.status, 1)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), sorted([*before, "evil.tar"]))

    def test_links_in_a_circle(self):
        circles = {CPU_DIR + "/online": "online", CPU_DIR + "/possible": "present", CPU_DIR + "/present": "possible",
                   CPU_DIR + "/cpu0/topology": "../cpu1/topology", CPU_DIR + "/cpu1/topology": "../cpu0/topology",
                   CPU_DIR + "/cpu9": "..", "proc/self": "self/self/self", "loop": "."}
        files = machines.tree("nohz-null")
        kept = {path: content for path, content in files.items()
                if not any(path == link or path.startswith(link + "/") for link in circles)}
        data = b"".join(tarball.entry(path, content.encode()) for path, content in kept.items() if isinstance(content, str))
        data += b"".join(tarball.entry(path, kind=tarball.LINK, target=target) for path, target in circles.items())
        self.assertEqual(self.assert_not_seen(self.write("loops.tar", data + tarball.END)).status, 0)
        folder = self.folder / "loops"
        for path, content in kept.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, str):
                (folder / path).write_text(content)
        for path, target in circles.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).symlink_to(target)
        self.assertEqual(self.assert_not_seen(folder).status, 0)


if __name__ == "__main__":
    harness.main()
