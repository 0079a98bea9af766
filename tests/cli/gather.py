"""gather: what it packs is the machine again, is the same each time, and names no person and no one machine."""

import io
import json
import os
import shutil
import subprocess
import tarfile

import harness
from harness import topo

SECRETS = ("00:16:3e:5e:6c:01", "db01.example.org", "10.99.1.7", "6f1c2a9e-1111-4222-8333-444455556666", "SN-4711-X",
           "alice", "s3cr3t-t0ken", "00163e5e6c02")


def plant(folder):
    """A small machine with a secret wherever a real one has them."""
    files = {
        "proc/version": "Linux version 6.1.0 (alice@db01.example.org) (gcc) #1 SMP",
        "proc/cmdline": "root=UUID=6f1c2a9e-1111-4222-8333-444455556666 ip=10.99.1.7 isolcpus=1 nohz_full=1 quiet "
                        "token=s3cr3t-t0ken 6f1c2a9e-1111-4222-8333-444455556666 dyndbg=\"file alice +p\" -- --key s3cr3t-t0ken",
        "proc/cpuinfo": "processor\t: 0\nvendor_id\t: X\nSerial\t\t: SN-4711-X\n"
                        "note: identification = SN-4711-X,  identification = SN-4711-X,  machine = 2964\n\nprocessor\t: 1",
        "proc/meminfo": "MemTotal: 1024 kB",
        "proc/self/mounts": "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\ndb01.example.org:/export/alice /srv nfs rw,addr=10.99.1.7 0 0",
        "proc/self/cgroup": "0::/alice.slice/db01.example.org.scope",
        "sys/fs/cgroup/alice.slice/cpu.max": "50000 100000",
        "sys/fs/cgroup/alice.slice/db01.example.org.scope/cpuset.cpus.effective": "0",
        "sys/fs/cgroup/alice.slice/db01.example.org.scope/cpu.max": "max 100000",
        "sys/devices/system/cpu/online": "0-1",
        "sys/devices/system/cpu/possible": "0-1",
        "sys/devices/system/cpu/isolated": "1",
        "sys/devices/virtual/dmi/id/product_uuid": "6f1c2a9e-1111-4222-8333-444455556666",
        "sys/devices/virtual/dmi/id/product_serial": "SN-4711-X",
        "sys/devices/virtual/dmi/id/sys_vendor": "Maker",
        "sys/devices/pci0000:00/0000:00:01.0/uevent": "DRIVER=igb\nPCI_CLASS=20000\nPCI_ID=8086:1533",
        "sys/devices/pci0000:00/0000:00:01.0/numa_node": "0",
        "sys/devices/pci0000:00/0000:00:01.0/net/eth0/address": "00:16:3e:5e:6c:01",
        "sys/devices/pci0000:00/0000:00:01.0/net/eth0/operstate": "up",
        "sys/devices/pci0000:00/0000:00:01.0/net/enx00163e5e6c02/operstate": "up",
    }
    for cpu in (0, 1):
        topology = f"sys/devices/system/cpu/cpu{cpu}/topology/"
        files |= {topology + "core_cpus": f"{1 << cpu:x}", topology + "core_id": str(cpu), topology + "package_cpus": "3",
                  topology + "physical_package_id": "0"}
    links = {
        "sys/bus/pci/devices/0000:00:01.0": "../../../devices/pci0000:00/0000:00:01.0",
        "sys/class/net/eth0": "../../devices/pci0000:00/0000:00:01.0/net/eth0",
        "sys/class/net/enx00163e5e6c02": "../../devices/pci0000:00/0000:00:01.0/net/enx00163e5e6c02",
        "sys/devices/pci0000:00/0000:00:01.0/net/eth0/device": "../../../0000:00:01.0",
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text + "\n")
    for path, target in links.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(target, folder / path)


def document(done):
    machine = json.loads(done.out)
    del machine["host"]["source"]
    return machine


class Gather(harness.TestCase):
    def gathered(self, *arguments, name="out.tar"):
        path = self.folder / name
        self.assert_ok(topo("gather", "-o", path, *arguments))
        return path

    def shown(self, *arguments):
        done = topo("show", "--json", *arguments)
        self.assert_ok(done)
        return document(done)

    def test_a_gathered_machine_is_the_machine(self):
        for name in ("hybrid", "container-v2", "two-sockets", "epyc-nps4"):
            with self.subTest(machine=name):
                machine = self.machine(name)
                before, after = self.shown("-i", machine), self.shown("-i", self.gathered("-i", machine))
                for one in (before, after):  # said to differ by the manual
                    one["host"]["cmdline"] = None
                    one["provenance"] = [row for row in one["provenance"] if row["fact"] != "cpus.allowed"]
                self.assertEqual(before, after)
                self.assert_ok(topo("diff", machine, self.folder / "out.tar"))

    def test_the_same_data_gives_the_same_bytes(self):
        machine = self.machine("hybrid")
        for name in ("a.tar", "a.tar.gz", "a.tar.xz", "a.tar.zst"):
            with self.subTest(name=name):
                first = self.gathered("-i", machine, name=name).read_bytes()
                self.assertEqual(first, self.gathered("-i", machine, name="b-" + name).read_bytes())
                again = self.gathered("-i", self.folder / name, name="c-" + name)
                self.assertEqual(first, again.read_bytes(), "gathering a gathered machine changes it")

    def test_nothing_secret_is_packed(self):
        plant(self.folder / "secret")
        archive = self.gathered("-i", self.folder / "secret")
        raw = archive.read_bytes().decode("latin-1")
        for secret in SECRETS:
            self.assertNotIn(secret, raw)
        with tarfile.open(archive) as tar:
            read = lambda name: tar.extractfile("machine/" + name).read().decode()
            self.assertEqual(read("proc/version"), "Linux version 6.1.0\n")
            self.assertEqual(read("proc/cmdline"),
                             "root=... ip=... isolcpus=1 nohz_full=1 quiet token=... ... dyndbg=...\n")
            self.assertIn("machine/sys/devices/virtual/dmi/id/sys_vendor", tar.getnames())
            for entry in tar:
                self.assertEqual((entry.mtime, entry.uid, entry.gid, entry.uname), (0, 0, 0, ""))
        machine = self.shown("-i", archive)
        self.assertEqual(machine["host"]["cgroup_cpus"], "0")  # found below the new names of the groups
        self.assertEqual(machine["host"]["cpu_quota"], 0.5)
        self.assertEqual([device["name"] for device in machine["devices"]], ["eth0"])

    def test_the_table_of_apic_ids_comes_along(self):
        entries = b"".join(bytes((0, 8, cpu, 2 * cpu, 1, 0, 0, 0)) for cpu in (0, 1)) + bytes((1, 12, *b"\n\n\n\n\n\n\n\n\n\n"))
        table = b"APIC" + (44 + len(entries)).to_bytes(4, "little") + bytes(36) + entries
        plant(self.folder / "machine")
        path = self.folder / "machine/sys/firmware/acpi/tables/APIC"
        path.parent.mkdir(parents=True)
        path.write_bytes(table)
        (self.folder / "machine/sys/devices/system/cpu/online").write_text("0\n")
        cpuinfo = self.folder / "machine/proc/cpuinfo"
        cpuinfo.write_text("processor\t: 0\napicid\t\t: 0\n")
        archive = self.gathered("-i", self.folder / "machine")
        with tarfile.open(archive) as tar:
            self.assertEqual(tar.extractfile("machine/sys/firmware/acpi/tables/APIC").read(), table)
        self.assertEqual([cpu["apic_id"] for cpu in self.shown("-i", archive)["cpus"]], [0, 2])

    def test_this_machine(self):
        archive = self.gathered(name="live.tar.gz")
        live, packed = self.shown(), self.shown("-i", archive)
        for part in ("cpus", "cores", "packages", "types", "caches", "tlbs", "nodes", "distances", "devices", "fingerprint"):
            self.assertEqual(live[part], packed[part], part)

    def test_other_programs_read_it(self):
        archive = self.gathered()
        with tarfile.open(archive) as tar:
            tar.extractall(self.folder / "unpacked")
        root = self.folder / "unpacked" / "machine"
        cpus = len(self.shown()["cpus"])
        programs = [program for program in ("lscpu", "lstopo-no-graphics") if shutil.which(program)]
        if not programs:
            self.skipTest("neither lscpu nor lstopo is installed")
        if "lscpu" in programs:
            told = subprocess.run(["lscpu", "-s", root, "-p=cpu"], capture_output=True, text=True, check=True).stdout
            self.assertEqual(len([line for line in told.split("\n") if line and line[0] != "#"]), cpus)
        if "lstopo-no-graphics" in programs:
            told = subprocess.run(["lstopo-no-graphics", "-i", root, "--if", "fsroot", "--only", "pu"],
                                  capture_output=True, text=True, check=True).stdout
            self.assertEqual(told.count("PU "), cpus)

    def test_what_other_readers_need(self):
        """Links of any node's number, files that are empty, the architecture that only the form of cpuinfo tells."""
        plant(self.folder / "small")
        initiators = self.folder / "small/sys/devices/system/node/node0/access0/initiators"
        initiators.mkdir(parents=True)
        (initiators / "read_latency").write_text("80\n")
        for link in ("node0", "node12", "nodes"):
            (initiators / link).symlink_to("../../../" + link)
        (self.folder / "small/sys/devices/system/cpu/cpu1/online").write_text("")
        (self.folder / "small/proc/cpuinfo").write_text("processor\t: 0\nflags\t\t: fpu lm\n")
        ids = self.folder / "small/usr/share/misc/pci.ids"
        ids.parent.mkdir(parents=True)
        ids.write_text("1000  Another\n8086  Intel Corporation\n\t1532  I211\n\t1533  I210 Gigabit\n")
        queue = self.folder / "small/sys/devices/pci0000:00/0000:00:01.0/net/eth0/queues/tx-0"
        queue.mkdir(parents=True)
        (queue / "tx_timeout").write_text("0\n")
        archive = self.gathered("-i", self.folder / "small")
        with tarfile.open(archive) as tar:
            read = lambda name: tar.extractfile("machine/" + name).read().decode()
            folder = "machine/sys/devices/system/node/node0/access0/initiators/"
            self.assertEqual({name.removeprefix(folder) for name in tar.getnames() if name.startswith(folder)},
                             {"read_latency", "node0", "node12"})
            self.assertEqual(read("sys/devices/system/cpu/cpu1/online"), "")
            self.assertEqual(read("proc/hwloc-nofile-info"), "OSName: Linux\nArchitecture: x86_64\n")
            self.assertEqual(read("usr/share/misc/pci.ids"), "8086  Intel Corporation\n\t1533  I210 Gigabit\n")
        before, after = self.shown("-i", self.folder / "small"), self.shown("-i", archive)
        kept = [device for device in before["devices"] if device["name"] == "eth0"]  # the other is named by its address
        self.assertEqual(kept, after["devices"])
        self.assertEqual((after["devices"][0]["model"], after["devices"][0]["tx_queues"]), ("I210 Gigabit", 1))

    def test_standard_output(self):
        done = subprocess.run([harness.options.topo, "gather", "-o", "-", "-i", self.machine("hybrid")], capture_output=True,
                              check=True, env=harness.environment())
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
            self.assertIn("machine/sys/devices/system/cpu/online", tar.getnames())

    def test_wrong_usage(self):
        self.assert_fails(topo("gather"), 2, "--output")
        self.assert_fails(topo("gather", "-o", self.folder / "a.zip"), 2, ".tar.gz")
        self.assertEqual(list(self.folder.iterdir()), [])
        self.assert_fails(topo("gather", "-o", self.folder / "a.tar", "-i", "pack:2 core:2 pu:1"), 1, "pack:2")
        self.assert_fails(topo("gather", "-o", self.folder / "no" / "a.tar", "-i", self.machine("hybrid")), 1, "cannot write")


if __name__ == "__main__":
    harness.main()
