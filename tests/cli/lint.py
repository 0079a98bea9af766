"""lint and profiles: findings, exit statuses, where the line and the kernel's configuration come from."""

import gzip
import json
import os
import subprocess

import harness
from harness import topo

GOOD = "isolcpus=managed_irq,domain,4-11 nohz_full=4-11 rcu_nocbs=4-11 rcu_nocb_poll irqaffinity=0-3,12-19"
COLON = GOOD.replace("domain,", "domain:")
PROFILES = ("full", "poll", "runtime", "syscall", "vm-guest")

# A line, the exit status and a word of the first line of output, for the machine "hybrid" with CPUs 0-19.
LINES = (
    (GOOD, 0, "no fault found"),
    ("ro quiet", 0, "no fault found"),
    ("", 0, "no fault found"),
    ("mitigations=off", 0, "note: mitigations"),
    (COLON, 4, "error: isolcpus"),
    ("isolcpus=domain,4-25", 4, "0-19"),
    ("isolcpus=domain,4-11", 4, "warning: isolcpus"),
    ("kthread_cpus=0-3", 4, "warning: kthread_cpus"),
)


class Lint(harness.TestCase):
    def lint(self, line, machine, *arguments, **how):
        return topo("lint", line, "-i", machine, *arguments, **how)

    def test_faults_are_data_and_exit_4(self):
        machine = self.machine("hybrid")
        for line, status, word in LINES:
            with self.subTest(line=line):
                done = self.lint(line, machine)
                self.assertEqual((done.status, done.err), (status, ""))
                self.assertIn(word, done.out.split("\n")[0])
                self.assertTrue(done.out.endswith("\n"))

    def test_a_line_behind_two_dashes_is_a_line(self):
        machine = self.machine("hybrid")
        for line in ("ro quiet", "--json"):
            done = topo("lint", "-i", machine, "--", line)
            self.assertEqual((done.status, done.err), (0, ""))
            self.assertIn("no fault found", done.out)

    def test_the_mended_line_is_accepted(self):
        machine = self.machine("hybrid")
        document = json.loads(self.lint(COLON, machine, "--json").out)
        self.assertEqual(document["mended"], GOOD)
        self.assertEqual(self.lint(document["mended"], machine).status, 0)

    def test_the_document(self):
        document = json.loads(self.lint("ro " + COLON, self.machine("hybrid"), "--json").out)
        self.assertEqual(document["schema"], "torque.lint/1")
        self.assertEqual(document["effect"]["isolated"], "")
        self.assertEqual(document["effect"]["nohz_full"], "4-11")
        self.assertEqual(document["effect"]["irq_affinity"], "0-3,12-19")
        self.assertEqual(document["effect"]["for_init"], [COLON.split()[0]])
        finding = document["findings"][0]
        self.assertEqual((finding["id"], finding["severity"], finding["offset"]), ("isolcpus-invalid-flag", "error", 3))
        clean = json.loads(self.lint("ro", self.machine("hybrid"), "-J").out)
        self.assertEqual((clean["findings"], clean["mended"]), ([], None))

    def test_the_line_comes_from_standard_input_or_from_the_machine(self):
        machine, file = self.machine("hybrid"), self.folder / "line"
        file.write_text(COLON + "\n")
        with open(file, encoding="ascii") as stdin:
            self.assertIn("mended: " + GOOD, self.lint("-", machine, stdin=stdin).out)
        done = topo("lint", "-i", self.machine("isolated"))
        self.assertEqual(done.status, 0)
        self.assertIn("isolated 4-11", done.out)

    def test_what_is_no_line_is_refused(self):
        self.assert_fails(topo("lint", "-", "-i", "-"), 2, "standard input")
        file = self.folder / "long"
        file.write_bytes(b"x" * 100_000)
        with open(file, "rb") as stdin:
            self.assert_fails(topo("lint", "-", stdin=stdin), 1, "too long")
        self.assert_fails(topo("lint", "-i", "pack:1 core:2 pu:2"), 2, "no boot line")
        self.assert_fails(topo("lint", "ro", "-i", self.folder / "nowhere"), 1, "nowhere")

    def test_a_kernel_that_carries_its_configuration(self):
        folder = self.machine_folder("hybrid")
        packed = folder / "proc" / "config.gz"
        packed.write_bytes(gzip.compress(b"CONFIG_CPU_ISOLATION=y\nCONFIG_RCU_NOCB_CPU=y\n# CONFIG_NO_HZ_FULL is not set\n"))
        done = self.lint(GOOD, folder)
        self.assertEqual(done.status, 4)
        self.assertIn("CONFIG_NO_HZ_FULL", done.out)
        for damaged in (b"", b"\x1f\x8b", b"CONFIG_NO_HZ_FULL=y", gzip.compress(b"x" * 100)[:-9], gzip.compress(b"\0" * (8 << 20))):
            packed.write_bytes(damaged)
            self.assertEqual(self.lint(GOOD, folder).status, 0)

    def test_the_input_is_opened_once(self):
        archive = self.machine("hybrid")
        fifo = self.folder / "pipe.tar"
        os.mkfifo(fifo)
        feeder = subprocess.Popen(["cp", str(archive), str(fifo)])
        try:
            self.assertEqual(self.lint(GOOD, fifo, timeout_s=20).status, 0)
        finally:
            feeder.kill()
            feeder.wait()

    def test_the_kernels_configuration_counts(self):
        folder = self.machine_folder("hybrid")
        release = json.loads(topo("show", "--json", "-i", folder).out)["host"]["kernel"]
        self.assertTrue(release)
        (folder / "boot").mkdir()
        config = folder / "boot" / f"config-{release}"
        config.write_text("CONFIG_CPU_ISOLATION=y\nCONFIG_RCU_NOCB_CPU=y\n# CONFIG_NO_HZ_FULL is not set\n")
        done = self.lint(GOOD, folder)
        self.assertEqual(done.status, 4)
        self.assertIn("CONFIG_NO_HZ_FULL", done.out)
        config.write_text("CONFIG_CPU_ISOLATION=y\nCONFIG_RCU_NOCB_CPU=y\nCONFIG_NO_HZ_FULL=y\n")
        self.assertEqual(self.lint(GOOD, folder).status, 0)

    def test_disks_whose_interrupts_the_kernel_manages(self):
        folder = self.machine_folder("hybrid")
        line = GOOD.replace("managed_irq,", "")
        self.assertIn("no fault found", self.lint(line, folder).out)
        device = folder / "sys/devices/pci0000:00/0000:01:00.0"
        for name, text in (("class", "0x010802"), ("vendor", "0x144d"), ("device", "0xa808"), ("numa_node", "-1")):
            (device / "msi_irqs").mkdir(parents=True, exist_ok=True)
            (device / name).write_text(text + "\n")
        (folder / "sys/bus/pci/devices").mkdir(parents=True, exist_ok=True)
        (folder / "sys/bus/pci/devices/0000:01:00.0").symlink_to("../../../devices/pci0000:00/0000:01:00.0")
        for number, name, cpus in ((40, "nvme0q0", "0-19"), (41, "nvme0q1", "0-9"), (42, "nvme0q2", "10-19")):
            (device / "msi_irqs" / str(number)).write_text("msix\n")
            for path, text in ((f"proc/irq/{number}/smp_affinity_list", cpus), (f"sys/kernel/irq/{number}/actions", name)):
                (folder / path).parent.mkdir(parents=True)
                (folder / path).write_text(text + "\n")
        document = json.loads(self.lint(line, folder, "--json").out)
        self.assertEqual([(one["id"], one["severity"]) for one in document["findings"]],
                         [("isolcpus-without-managed-irq", "note")])
        self.assertIn("2 managed interrupts", document["findings"][0]["message"])
        self.assertEqual(self.lint(line, folder).status, 0)
        self.assertIn("no fault found", self.lint(GOOD, folder).out)

    def test_hostile_bytes_are_not_echoed(self):
        done = self.lint("isolcpus=\x1b[31m,4-11", self.machine("hybrid"))
        self.assertEqual(done.status, 4)
        self.assertNotIn("\x1b", done.out)

    def test_what_plan_writes_is_accepted(self):
        seen = 0
        for name in ("hybrid", "two-sockets", "epyc-nps1", "big-little", "cxl-memory", "offline-siblings"):
            machine = self.machine(name)
            for profile in PROFILES:
                with self.subTest(machine=name, profile=profile):
                    layout = json.loads(topo("plan", "-w", "auto", "--profile", profile, "-i", machine).out)
                    line = layout["boot"]["cmdline"]
                    self.assertEqual(line is None, profile == "runtime")
                    if line is None:
                        continue
                    seen += 1
                    document = json.loads(self.lint(line, machine, "--json").out)
                    self.assertEqual(document["effect"]["isolated"], layout["isolated"])
                    self.assertEqual(document["effect"]["irq_affinity"], layout["housekeeping"])
                    self.assertFalse([f for f in document["findings"] if f["severity"] != "note"], document["findings"])
        self.assertEqual(seen, 24)


class Profiles(harness.TestCase):
    def test_the_list(self):
        done = topo("profiles")
        self.assert_ok(done)
        self.assertEqual([line.split()[0] for line in done.out.splitlines()], list(PROFILES))
        document = json.loads(topo("profiles", "--json").out)
        self.assertEqual([profile["name"] for profile in document["profiles"]], list(PROFILES))

    def test_a_printed_profile_is_one_that_plan_reads(self):
        machine = self.machine("hybrid")
        for name in PROFILES:
            with self.subTest(profile=name):
                file = self.folder / f"{name}.json"
                self.assert_ok(topo("profiles", name, "--json", "-o", file))
                plans = [topo("plan", "-w", "4", "-i", machine, "--profile", profile) for profile in (name, file)]
                self.assertEqual(plans[0].out, plans[1].out)
                document = json.loads(file.read_text())
                text = topo("profiles", name).out
                for parameter in document["boot"]:
                    self.assertIn(parameter["name"], text)
                    for part in ("why", "price"):
                        self.assertTrue(parameter[part])
                        self.assertIn(parameter[part], text)

    def test_the_masks_of_the_runtime_profile(self):
        layout = json.loads(topo("plan", "-w", "4", "--profile", "runtime", "-i", self.machine("hybrid")).out)
        values = {knob["path"]: knob["value"] for knob in layout["runtime"]}
        self.assertEqual(values["/sys/devices/virtual/workqueue/cpumask"], "000ff00f")
        self.assertEqual(values["/sys/fs/cgroup/torque/cpuset.cpus"], "4-11")
        self.assertFalse([value for value in values.values() if "{" in value])

    def test_a_misspelt_name(self):
        self.assert_fails(topo("profiles", "sycall"), 2, "did you mean syscall")


if __name__ == "__main__":
    harness.main()
