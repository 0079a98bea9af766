"""The pipeline of the two programs: what `plan` writes is what `torque-serve --check` reads."""

import json
import os
import pathlib
import subprocess

import harness
from harness import options, run, topo


class ServeCheck(harness.TestCase):
    def setUp(self):
        super().setUp()
        if not options.serve or not pathlib.Path(options.serve).exists():
            self.skipTest("this build has no torque-serve")

    def check(self, layout, *more, **how):
        return run([options.serve, "--check", "--layout", layout, *more], **how)

    def live_layout(self):
        path = self.folder / "layout.json"
        done = topo("plan", "--workers", "1", "-o", path)
        self.assertEqual(done.status, 0, done.err)
        return path

    def assert_not_refused_for_the_layout(self, done):
        """A sandbox may lack io_uring, which --check says too; the layout must be none of its reasons."""
        self.assertIn(done.status, (0, 1), done.err)
        if done.status == 1:
            self.assertRegex(done.err, "io_uring|memlock|affinity|descriptors")
            self.assertNotRegex(done.err, "layout was made|fingerprint|JSON|schema")

    def test_a_plan_for_this_machine_is_taken_from_a_file_and_a_pipe(self):
        path = self.live_layout()
        self.assert_not_refused_for_the_layout(self.check(path))
        with open(path, "rb") as stream:
            self.assert_not_refused_for_the_layout(self.check("-", stdin=stream))
        with subprocess.Popen([options.topo, "plan", "--workers", "1"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, env=harness.environment()) as plan:
            self.assert_not_refused_for_the_layout(self.check("-", stdin=plan.stdout))

    def test_a_failed_plan_in_a_pipe_is_named_as_such(self):
        read_end, write_end = os.pipe()
        with os.fdopen(write_end, "wb") as pipe:
            self.assertEqual(topo("plan", "--workers", "99999", stdout=pipe).status, 3)
        with os.fdopen(read_end, "rb") as pipe:
            done = self.check("-", stdin=pipe)
        self.assertEqual((done.status, done.out), (1, ""))
        self.assertIn("empty", done.err)

    def test_another_machines_plan_is_refused(self):
        path = self.folder / "other.json"
        self.assertEqual(topo("plan", "-w", "8", "-i", self.machine("epyc-nps4"), "-o", path).status, 0)
        done = self.check(path)
        self.assertEqual((done.status, done.out), (1, ""))
        self.assertRegex(done.err, "machine")  # that it is another, or which CPU this one does not have

    def test_layouts_that_are_none(self):
        text = self.live_layout().read_text()
        document = json.loads(text)
        document["workers"][0]["cpu"] = -1
        syntax = r":\d+:\d+: not JSON: while parsing "
        for name, content, place in (("half.json", text[:len(text) // 2], syntax), ("list.json", "[]", ": "),
                                     ("profile.json", text.replace("torque.layout/1", "torque.profile/1"), ": /schema: "),
                                     ("negative.json", json.dumps(document), ": /workers/0/cpu: "),
                                     ("deep.json", "[" * 100_000, syntax)):
            with self.subTest(name=name):
                path = self.folder / name
                path.write_text(content)
                done = self.check(path)
                self.assertEqual((done.status, done.out), (1, ""))
                self.assertRegex(done.err, rf"\Atorque-serve: error: {path}{place}.*\n.*hint: \S")
        empty = self.folder / "empty.json"
        empty.touch()
        self.assertRegex(self.check(empty).err, rf"\Atorque-serve: error: {empty} is empty: .*plan")


if __name__ == "__main__":
    harness.main()
