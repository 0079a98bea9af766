"""Formats that are scripts or environments: run as their comments say, on this machine or in a folder of the test."""

import os
import re
import shlex
import textwrap

import layouts
from harness import main, run

LINE = "isolcpus=managed_irq,domain,4-11 nohz_full=4-11 rcu_nocbs=4-11 rcu_nocb_poll irqaffinity=0-3,12-19"
SHELLS = ("dash", "bash", "busybox")

# Prints "thread: CPUs" for each thread of a parallel region, as the kernel sees it.
OPENMP = r"""
#include <cstdio>
#include <omp.h>
#include <sched.h>
int main() {
#pragma omp parallel
#pragma omp critical
    {
        cpu_set_t cpus;
        sched_getaffinity(0, sizeof cpus, &cpus);
        std::printf("%d:", omp_get_thread_num());
        for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
            if (CPU_ISSET(cpu, &cpus)) std::printf(" %d", cpu);
        std::printf("\n");
    }
}
"""


class Boot(layouts.TestCase):
    def source_grub(self, shell, file, linux, default):
        """What the drop-in makes of the variables, and what it says."""
        script = f". {shlex.quote(str(file))}; printf %s \"$GRUB_CMDLINE_LINUX_DEFAULT\""
        command = [shell, "-ec", script] if shell != "busybox" else ["busybox", "sh", "-ec", script]
        done = run(command, env={**os.environ, "GRUB_CMDLINE_LINUX": linux, "GRUB_CMDLINE_LINUX_DEFAULT": default})
        self.assertEqual(done.status, 0, done.err)
        return done.out, done.err

    def test_grub_drop_in_adds_the_line_once(self):
        file = self.emit("grub", self.plan("hybrid", "4"), "90-torque.cfg")
        shells = [shell for shell in SHELLS if layouts.find(shell)]
        self.assertNotEqual(shells, [])
        for shell in shells:
            with self.subTest(shell=shell):
                self.assertEqual(self.source_grub(shell, file, "", "quiet splash"), (f"quiet splash {LINE}", ""))
                self.assertEqual(self.source_grub(shell, file, "xisolcpus=1 noisolcpus", "")[0], f" {LINE}")
                for given in ("isolcpus=2", "quiet rcu_nocb_poll", "nohz_full", "a irqaffinity=0 b"):
                    for variables in ((given, "quiet"), ("quiet", given)):
                        out, err = self.source_grub(shell, file, *variables)
                        self.assertEqual(out, variables[1])
                        self.assertIn("added nothing", err)

    def test_systemd_boot_script_replaces_older_parameters(self):
        script = self.emit("systemd-boot", self.plan("hybrid", "4"))
        for before, after in (
                ("root=UUID=1-2 ro quiet", "root=UUID=1-2 ro quiet"),
                ("isolcpus=2-3 root=/dev/vda1 nohz_full=1 rcu_nocb_poll\n", "root=/dev/vda1"),
                ("nohz_full=1 nohz_full=2 nohz_full=3 ro irqaffinity=0", "ro"),
                ("initrd=\\x.img BOOT_IMAGE=/v  ro\tisolcpus=1\nnohz=on", "ro nohz=on"),
                ("xrcu_nocbs=1 rcu_nocbs_x=1 rcu.nocbs=1", "xrcu_nocbs=1 rcu_nocbs_x=1 rcu.nocbs=1"),
                ("rcu_nocb_poll", ""), (" \n", "")):
            with self.subTest(before=before):
                path = self.folder / "cmdline"
                path.write_text(before)
                done = run(["sh", script, path])
                self.assertEqual((done.status, done.err), (0, ""))
                self.assertEqual(path.read_text(), f"{after} {LINE}\n".lstrip())
                self.assertEqual(done.out, path.read_text())
                self.assertEqual(run(["sh", script, path]).out, done.out)

    def test_systemd_boot_script_starts_from_the_running_kernels_line(self):
        script = self.emit("systemd-boot", self.plan("hybrid", "4"))
        done = run(["sh", script, self.folder / "cmdline"])
        self.assertEqual(done.status, 0, done.err)
        with open("/proc/cmdline", encoding="utf-8") as running:
            kept = [word for word in running.read().split() if not re.match("BOOT_IMAGE=|initrd=", word)]
        self.assertEqual(done.out.split()[:len(kept)], kept)
        self.assertTrue(done.out.endswith(LINE + "\n"))

    def test_commands_are_what_a_shell_hands_to_the_program(self):
        layout = self.plan("hybrid", "4")
        programs = self.folder / "bin"
        programs.mkdir()
        for program in ("grubby", "kernelstub", "rpm-ostree"):
            (programs / program).write_text("#!/bin/sh\nprintf '[%s]\\n' \"$@\"\n")
            (programs / program).chmod(0o755)
        env = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}
        said = {name: run(["sh", self.emit(name, layout, f"{name}.sh")], env=env).out for name in
                ("grubby", "kernelstub", "rpm-ostree")}
        names = "isolcpus nohz_full rcu_nocbs rcu_nocb_poll irqaffinity"
        self.assertEqual(said["grubby"], f"[--update-kernel=ALL]\n[--remove-args={names}]\n[--args={LINE}]\n")
        self.assertEqual(said["kernelstub"], f"[-a]\n[{LINE}]\n")
        self.assertEqual(said["rpm-ostree"], "[kargs]\n" + "".join(f"[--append-if-missing={word}]\n" for word in LINE.split()))


class Cgroup(layouts.TestCase):
    def test_the_script_writes_the_files_and_reads_the_partition_back(self):
        script, root = self.emit("cgroup", self.plan("two-sockets", "8")), self.folder / "root"
        root.mkdir()
        done = run(["sh", script, root])
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertEqual({path.name: path.read_text() for path in (root / "torque").iterdir()},
                         {"cpuset.cpus": "4-7,12-15,20-23,28-31\n", "cpuset.mems": "0-1\n", "cpuset.cpus.partition": "isolated\n"})
        self.assertEqual((root / "cgroup.subtree_control").read_text(), "+cpuset\n")

    def test_a_partition_that_the_kernel_refuses_is_a_failure(self):
        """The kernel takes the word and then reads otherwise; /dev/null does so too."""
        script, root = self.emit("cgroup", self.plan("hybrid", "4")), self.folder / "root"
        (root / "torque").mkdir(parents=True)
        (root / "torque" / "cpuset.cpus.partition").symlink_to("/dev/null")
        done = run(["sh", script, root])
        self.assertEqual(done.status, 1)
        self.assertIn("cpuset.cpus.partition: ", done.err)


class Launchers(layouts.TestCase):
    STATUS = ("grep", "^Cpus_allowed_list:", "/proc/self/status")

    def check_script(self, name):
        cpus = self.two_cpus()
        script = self.emit(name, self.plan_here(cpus))
        for worker, cpu in enumerate(cpus):
            done = run(["sh", script, worker, *self.STATUS])
            self.assertEqual((done.status, done.err), (0, ""))
            self.assertEqual(done.out.split()[-1], str(cpu))
        self.assertEqual(run(["sh", script, 1, "printf", "[%s]", "a b", "$x", ""]).out, "[a b][$x][]")
        for arguments, words in ((["2", "true"], "workers are 0 to 1, not 2"), (["x", "true"], "not x"), (["0"], "usage: "), ([], "usage: ")):
            done = run(["sh", script, *arguments])
            self.assertEqual((done.status, done.out), (2, ""))
            self.assertIn(words, done.err)
        return script

    def test_taskset_puts_each_worker_on_its_cpu(self):
        self.needs("taskset")
        self.check_script("taskset")

    def test_numactl_puts_each_worker_on_its_cpu_and_node(self):
        self.needs("numactl")
        if run(["numactl", "--all", "--membind=0", "true"]).status != 0:
            self.skipTest("this kernel or container does not let numactl bind memory")
        script = self.check_script("numactl")
        shown = run(["sh", script, "0", "numactl", "--show"]).out
        self.assertRegex(shown, r"(?m)^physcpubind: \d+ *$")
        self.assertRegex(shown, r"(?m)^policy: bind")

    def test_numactl_reaches_cpus_outside_of_its_own_affinity(self):
        """As isolated CPUs are, which no process may run on unless it asks."""
        self.needs("numactl", "taskset")
        high, low = self.two_cpus()
        if run(["numactl", "--all", "--membind=0", "true"]).status != 0:
            self.skipTest("this kernel or container does not let numactl bind memory")
        script = self.emit("numactl", self.plan_here([high]))
        done = run(["taskset", "--cpu-list", low, "sh", script, "0", *self.STATUS])
        self.assertEqual(done.out.split()[-1:], [str(high)], done.err)

    def test_likwid_pin_takes_the_list(self):
        self.needs("likwid-pin")
        text = self.emit("likwid", self.plan_here(self.two_cpus())).read_text().splitlines()[-1]
        done = run([*text.split(), "true"])
        self.assertEqual(done.status, 0, done.err + done.out)

    def test_shell_variables(self):
        file = self.emit("shell", self.plan("two-sockets", "8"))
        done = run(["sh", "-euc", ". \"$0\"; for cpu in $TORQUE_WORKER_CPUS; do printf '%s ' \"$cpu\"; done; "
                    "echo \"$TORQUE_WORKERS $TORQUE_ISOLATED_CPUS $TORQUE_HOUSEKEEPING_CPUS $TORQUE_MEMORY_NODES\"", file])
        self.assertEqual(done.out, "4 5 6 7 12 13 14 15 8 4-7,12-15,20-23,28-31 0-3,8-11,16-19,24-27 0-1\n")

    def test_openmp_threads_are_on_the_workers_cpus(self):
        self.needs("g++")
        cpus = self.two_cpus()
        source, program = self.folder / "threads.cc", self.folder / "threads"
        source.write_text(OPENMP)
        built = run(["g++", "-fopenmp", "-o", program, source])
        if built.status != 0:
            self.skipTest("g++ cannot build programs with OpenMP here")
        file = self.emit("openmp", self.plan_here(cpus))
        done = run(["sh", "-c", "set -a; . \"$0\"; OMP_DISPLAY_AFFINITY=true exec \"$1\"", file, program])
        self.assertEqual(done.status, 0, done.err)
        threads = sorted(re.findall(r"(?m)^(\d+): ([\d ]+)$", done.out))
        self.assertEqual(threads, [(str(i), str(cpu)) for i, cpu in enumerate(cpus)])
        self.assertEqual(sorted(re.findall(r"affinity (\d+)$", done.out + done.err, re.MULTILINE)), sorted(map(str, cpus)))

    def test_the_environment_needs_no_shell(self):
        """As systemd's EnvironmentFile= and docker's --env-file read it: everything after the sign is the value."""
        lines = [line for line in self.emit("openmp", self.plan("hybrid", "4")).read_text().splitlines() if line[0] != "#"]
        self.assertEqual(dict(line.split("=", 1) for line in lines),
                         {"OMP_NUM_THREADS": "4", "OMP_PLACES": "{4},{6},{8},{10}", "OMP_PROC_BIND": "true"})


class Slurm(layouts.TestCase):
    """Slurm numbers CPUs its own way. hwloc reads the made-up machine, a script stands for `slurmd -C` there."""

    def print_line(self, machine, workers, threads):
        self.needs("hwloc-calc")
        script = self.emit("slurm", self.plan(machine, workers))
        programs = self.folder / "bin"
        programs.mkdir(exist_ok=True)
        (programs / "slurmd").write_text(textwrap.dedent(f"""\
            #!/bin/sh
            echo "NodeName=n CPUs=32 Boards=1 SocketsPerBoard=2 CoresPerSocket=8 ThreadsPerCore={threads} RealMemory=1"
            echo "UpTime=0-00:00:01"
            """))
        (programs / "slurmd").chmod(0o755)
        root = self.folder / "root"
        if not root.is_dir():
            self.machine_folder(machine).rename(root)
        return run(["sh", script], env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "HWLOC_FSROOT": str(root),
                                       "HWLOC_COMPONENTS": "-x86", "HWLOC_THISSYSTEM": "0", "HWLOC_HIDE_ERRORS": "2"})

    def test_housekeeping_cpus_in_slurms_numbers(self):
        """CPUs 0-15 are the first threads, 16-31 the second ones: core c has c and c+16, for Slurm 2c and 2c+1."""
        done = self.print_line("two-sockets", "8", 2)
        self.assertEqual(done.status, 0, done.err)
        cores = (0, 1, 2, 3, 8, 9, 10, 11)
        wanted = ",".join(str(2 * core + thread) for core in cores for thread in (0, 1))
        self.assertEqual(done.out, "NodeName=n CPUs=32 Boards=1 SocketsPerBoard=2 CoresPerSocket=8 ThreadsPerCore=2 "
                                   f"RealMemory=1 CpuSpecList={wanted}\n")

    def test_hybrids_are_refused(self):
        for threads in (1, 2):
            done = self.print_line("hybrid", "4", threads)
            self.assertEqual((done.status, done.out), (1, ""))
            self.assertIn("different numbers of threads", done.err)


if __name__ == "__main__":
    main()
