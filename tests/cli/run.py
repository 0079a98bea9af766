"""run: a command on a worker's CPU and memory, its exit status, and what cannot be run."""

import json
import os

import harness
from harness import topo

STATUS = "/proc/self/status"


class Run(harness.TestCase):
    def layout(self, *cpus, nodes=()):
        """A layout of this machine whose workers are on these CPUs."""
        done = topo("plan", "-w", "1")
        self.assertEqual(done.status, 0, done.err)
        layout = json.loads(done.out)
        worker = layout["workers"][0]
        layout["workers"] = [{**worker, "id": i, "cpu": cpu, "memory_nodes": list(nodes)} for i, cpu in enumerate(cpus)]
        file = self.folder / "layout.json"
        file.write_text(json.dumps(layout))
        return file

    def allowed(self, *arguments):
        done = topo("run", *arguments, "--", "cat", STATUS)
        self.assertEqual(done.status, 0, done.err)
        return next(line.split()[1] for line in done.out.splitlines() if line.startswith("Cpus_allowed_list:"))

    def test_the_cpu_of_a_worker(self):
        cpus = sorted(os.sched_getaffinity(0))
        file = self.layout(*cpus)
        for worker, cpu in enumerate(cpus[:4]):
            self.assertEqual(self.allowed("--layout", file, "--worker", str(worker)), str(cpu))
        self.assertEqual(self.allowed("-l", file), self.allowed("-l", self.layout(*reversed(cpus))))

    def test_its_memory_is_bound(self):
        cpu = min(os.sched_getaffinity(0))
        done = topo("run", "-l", self.layout(cpu, nodes=[0]), "-w", "0", "--", "cat", "/proc/self/numa_maps")
        if done.status or not done.out or "not bound" in done.err:
            self.skipTest("this kernel has no memory policies, or no numa_maps")
        self.assertIn(" bind:0 ", done.out)
        done = topo("run", "-l", self.layout(cpu), "-w", "0", "--", "cat", "/proc/self/numa_maps")
        self.assertNotIn(" bind", done.out)

    def test_arguments_and_status_are_the_commands_own(self):
        file = self.layout(min(os.sched_getaffinity(0)))
        done = topo("run", "-l", file, "--", "sh", "-c", 'echo "$1" "$2"; exit 9', "sh", "--worker", "--")
        self.assertEqual((done.status, done.out, done.err), (9, "--worker --\n", ""))

    def test_what_cannot_be_run(self):
        file, plain = self.layout(min(os.sched_getaffinity(0))), self.folder / "plain"
        plain.write_text("x")
        self.assert_fails(topo("run", "-l", file, "--", "no-such-command"), 127, "no-such-command", "PATH")
        self.assert_fails(topo("run", "-l", file, "--", self.folder / "none"), 127, "not found")
        self.assert_fails(topo("run", "-l", file, "--", plain), 126, "executable")

    def test_what_is_refused(self):
        file = self.layout(min(os.sched_getaffinity(0)))
        self.assert_fails(topo("run", "-l", file), 2, "no command")
        self.assert_fails(topo("run", "-l", file, "--"), 2, "no command")
        self.assert_fails(topo("run", "-l", file, "true"), 2, "true")
        self.assert_fails(topo("run", "--", "true"), 2, "--layout")
        self.assert_fails(topo("run", "-l", file, "-w", "1", "--", "true"), 2, "worker 1", "worker 0")
        self.assert_fails(topo("run", "-l", file, "-w", "x", "--", "true"), 2, "--worker")
        self.assert_fails(topo("run", "-l", self.layout(8000), "--", "true"), 1, "CPU 8000", "cpuset")
        self.assert_fails(topo("run", "-l", self.layout(min(os.sched_getaffinity(0)), 8000), "--", "true"), 1, "left some")
        self.assert_fails(topo("run", "-l", self.layout(100000), "--", "true"), 1, "no kernel")


if __name__ == "__main__":
    harness.main()
