"""torque-apart: what it answers, that what goes wrong there ends it alone, and how it is found."""

import json
import os
import pathlib
import shutil
import subprocess

import harness
from harness import topo

DESCRIPTION = "pack:1 core:2 pu:2"


def apart(*words, **how):
    return harness.run([harness.options.apart, *words], **how)


class Apart(harness.TestCase):
    def answered(self, *words, text="", **how):
        """(the first character, the rest) of its answer to `text`."""
        (self.folder / "input").write_text(text)
        with open(self.folder / "input", "rb") as stream:
            done = apart(*words, stdin=stream, **how)
        self.assert_ok(done)
        return done.out[0], done.out[1:]

    def alone(self):
        """A copy of torque-topo with nothing beside it."""
        (self.folder / "bin").mkdir()
        return pathlib.Path(shutil.copy(harness.options.topo, self.folder / "bin"))

    def replaced(self, script):
        """The same, with a shell script in torque-apart's place."""
        program = self.alone()
        stand_in = program.parent / "torque-apart"
        stand_in.write_text(f"#!/bin/sh\n{script}\n")
        stand_in.chmod(0o755)
        return program

    def test_people_are_told_what_it_is(self):
        done = apart("--version")
        self.assert_ok(done)
        self.assertRegex(done.out, r"\Atorque-apart \d+\.\d+\.\d+\n\Z")
        for words in ((), ("xml",), ("xml", "a", "b"), ("nonsense", "a"), ("own", "a", "b"), ("--help",)):
            done = apart(*words)
            self.assertEqual((done.status, done.out), (2, ""))
            self.assertIn("usage: torque-apart xml NAME", done.err)

    def test_a_machine_or_an_error_is_answered(self):
        kind, text = self.answered("synthetic", "name", text=DESCRIPTION)
        self.assertEqual((kind, len(json.loads(text)["cpus"])), ("v", 4))
        kind, text = self.answered("synthetic", "name", text="nonsense")
        self.assertEqual((kind, text.split("\0")[1]), ("e", "name"))
        kind, text = self.answered("xml", "name", text="<topology>")
        self.assertEqual((kind, text.split("\0")[1][:4]), ("e", "name"))

    def test_nvml_completes_what_the_kernel_tells(self):
        machine = json.loads(topo("show", "--json", "-i", self.machine("hybrid")).out)
        gpu = {"address": "0000:01:00.0", "class": "gpu", "driver": "nvidia"}
        machine["devices"].append(gpu)
        before = json.loads(topo("show", "--json", "-i", self.file(machine)).out)
        env = harness.environment(LD_LIBRARY_PATH=harness.options.fakes)
        kind, text = self.answered("nvml", text=json.dumps(before), env=env)
        told = json.loads(text)
        self.assertEqual(kind, "v")
        place = next(i for i, device in enumerate(before["devices"]) if device["address"] == gpu["address"])
        self.assertEqual((told["devices"][place]["model"], told["devices"][place]["memory_bytes"]), ("NVIDIA Made-Up 1", 80 << 30))
        self.assertEqual(told["provenance"].pop(), {"fact": "devices.memory_bytes", "source": "NVML: libnvidia-ml.so.1"})
        for machine in (before, told):
            del machine["devices"][place]
        # The program takes these two from the answer.
        for part in ("devices", "provenance"):
            self.assertEqual(told[part], before[part])
        kind, text = self.answered("nvml", text="{}")
        self.assertEqual(kind, "e")

    def file(self, machine):
        (self.folder / "m.json").write_text(json.dumps(machine))
        return self.folder / "m.json"

    def test_where_it_is_missing_only_what_needs_it_fails(self):
        program = self.alone()
        if pathlib.Path("/usr/libexec/torque/torque-apart").exists() or pathlib.Path("/usr/local/libexec/torque/torque-apart").exists():
            self.skipTest("an installed torque-apart is found")
        run = lambda *arguments: harness.run([program, *arguments])
        self.assert_ok(run("show", "-i", self.machine("hybrid")))
        for arguments in (("-i", DESCRIPTION), ("--compare", "hwloc"), ("--compare", "hwloc", "-i", self.machine("hybrid"))):
            self.assert_fails(run("show", *arguments), 1, f"({program.parent}/torque-apart, ", "install all of torque")

    def test_it_is_found_where_it_is_installed(self):
        program = self.alone()
        (self.folder / "libexec/torque").mkdir(parents=True)
        shutil.copy(harness.options.apart, self.folder / "libexec/torque")
        self.assert_ok(harness.run([program, "show", "-i", DESCRIPTION], env=harness.environment(PATH="/nonexistent")))
        (self.folder / "link").symlink_to(program)
        self.assert_ok(harness.run([self.folder / "link", "show", "-i", DESCRIPTION]))

    def test_a_file_of_somebody_else_is_not_run(self):
        if os.geteuid() != 0:
            self.skipTest("only root can give files away")
        program = self.replaced("echo >\"$0.was-run\"")
        os.chown(program.parent / "torque-apart", 65533, 65533)
        done = harness.run([program, "show", "-i", DESCRIPTION])
        self.assertEqual((done.status, list(program.parent.glob("*.was-run"))), (1, []))
        os.chown(program, 65533, 65533)  # whoever made the one could have made the other
        harness.run([program, "show", "-i", DESCRIPTION])
        self.assertEqual(len(list(program.parent.glob("*.was-run"))), 1)

    def test_a_crash_is_told(self):
        for script in ("kill -SEGV $$", "kill -KILL $$", "exit 1", "printf v; exit 1", "printf nonsense", ":"):
            with self.subTest(script=script):
                done = harness.run([self.replaced(script), "show", "-i", DESCRIPTION])
                self.assert_fails(done, 1, f"{DESCRIPTION}: the library that reads it")
                shutil.rmtree(self.folder / "bin")

    def test_an_answer_is_checked(self):
        done = harness.run([self.replaced("printf 'v{\"schema\": \"torque.machine/1\"}'"), "show", "-i", DESCRIPTION])
        self.assert_fails(done, 1, DESCRIPTION)
        shutil.rmtree(self.folder / "bin")
        done = harness.run([self.replaced("head -c 70000000 /dev/zero | tr '\\0' v"), "show", "-i", DESCRIPTION])
        self.assert_fails(done, 1, "too large")

    def test_memory_is_bounded(self):
        if harness.options.sanitized:
            self.skipTest("a sanitizer needs more")
        script = f"ulimit -v 60000; exec {harness.options.apart} \"$@\""
        done = harness.run([self.replaced(script), "show", "-i", "pack:256 core:64 pu:4"])
        self.assert_fails(done, 1, "gave up", "memory")

    def test_nothing_is_left_running(self):
        reader = subprocess.run([self.replaced("echo $$ >\"$0.pid\"; exec sleep 0.2"), "show", "-i", DESCRIPTION],
                                capture_output=True, check=False)
        self.assertEqual(reader.returncode, 1)
        self.assertFalse(os.path.exists(f"/proc/{(self.folder / 'bin/torque-apart.pid').read_text().strip()}"))


if __name__ == "__main__":
    harness.main()
