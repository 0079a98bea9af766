"""The command line: what is refused, with which exit status, and what is proposed instead."""

import json

import harness
from harness import topo

# Arguments, and words that the error must hold.
WRONG = (
    ([], ["command", "--help"]),
    (["shwo"], ["shwo", "did you mean show"]),
    (["frobnicate"], ["frobnicate"]),
    (["show", "--jsn"], ["--jsn", "did you mean --json"]),
    (["show", "--jsn=1"], ["--jsn", "did you mean --json"]),
    (["--jsn"], ["--jsn"]),
    (["show", "-x"], ["-x"]),
    (["show", "extra"], ["extra"]),
    (["show", "--format"], ["--format"]),
    (["show", "--format", "jsno"], ["--format", "jsno", "did you mean"]),
    (["show", "--format", ""], ["--format"]),
    (["plan"], ["--workers"]),
    (["plan", "--workers"], ["--workers"]),
    (["plan", "--workers", "0"], ["--workers", '"0"']),
    (["plan", "--workers", "-1"], ["--workers"]),
    (["plan", "--workers", "four"], ["--workers", "four"]),
    (["plan", "--workers", "4x"], ["--workers", "4x"]),
    (["plan", "--workers", "99999999999999999999999"], ["--workers"]),
    (["plan", "--workers", "2", "--policy", "spred"], ["--policy", "did you mean --policy spread"]),
    (["plan", "--workers", "2", "--class", "bets"], ["--class", "did you mean --class best"]),
    (["plan", "--workers", "2", "--smt", "idel"], ["--smt", "did you mean --smt idle"]),
    (["plan", "--workers", "2", "--isolate", "all"], ["--isolate", "minimal", "rest"]),
    (["plan", "--workers", "2", "--cpus", "3-1"], ["--cpus"]),
    (["plan", "--workers", "2", "--cpus", "a"], ["--cpus"]),
    (["plan", "--workers", "2", "--cpus", "0-4294967296"], ["--cpus"]),
    (["plan", "--workers", "2", "--spill"], ["--spill", "--near"]),
    (["plan", "--workers", "2", "--prefer", "turob"], ["--prefer", "did you mean --prefer turbo"]),
    (["plan", "--workers", "2", "--quite-llc"], ["did you mean --quiet-llc"]),
    (["plan", "--workers", "2", "--over-subscribe"], ["did you mean --oversubscribe"]),
    (["plan", "--workers", "2", "--alow-split"], ["did you mean --allow-split"]),
    (["plan", "--workers", "2", "--require-isolate"], ["did you mean --require-isolation"]),
    (["plan", "--workers", "2", "--kep", "x"], ["did you mean --keep"]),
    (["plan", "--workers", "2", "--keep", "-", "--input", "-"], ["standard input"]),
    (["plan", "--workers", "2", "-i", "-", "-i", "-"], ["standard input"]),
    (["plan", "--workers", "2", "--keep", "old.json", "-i", "a", "-i", "b"], ["--keep", "one machine"]),
    (["plan", "--workers", "2", "--profile", "ful"], ["did you mean --profile full"]),
    (["plan", "--workers", "2", "--workers", "3"], ["--workers"]),
    (["emit", "ngnix"], ["ngnix", "did you mean nginx"]),
    (["emit", "nginx"], ["--layout"]),
    (["emit", "nginx", "--lauout", "-"], ["--lauout", "did you mean --layout"]),
)


class Options(harness.TestCase):
    def test_wrong_usage_exits_2_and_says_what_is_wrong(self):
        for arguments, words in WRONG:
            with self.subTest(arguments=arguments):
                self.assert_fails(topo(*arguments), 2, *words)

    def test_control_characters_of_an_argument_are_not_echoed(self):
        done = topo("show", "--\x1b[31mred")
        self.assert_fails(done, 2)
        self.assertNotIn("\x1b", done.err)

    def test_a_device_or_cpu_that_is_not_there_is_wrong_usage(self):
        machine = self.machine("hybrid")
        self.assert_fails(topo("plan", "-w", "2", "--cpus", "90", "-i", machine), 2, "90", "0-19")
        self.assert_fails(topo("plan", "-w", "2", "--near", "eth9", "-i", machine), 2, "eth9")

    def test_an_infeasible_plan_exits_3_and_proposes_what_would_fit(self):
        machine = self.machine("hybrid")
        done = topo("plan", "--workers", "6", "-i", machine)
        self.assert_fails(done, 3, "6 workers, 5 slots", "hint: ")
        for proposal in (["--workers", "5"], ["--workers", "6", "--class", "any"], ["--workers", "6", "--smt", "use"]):
            with self.subTest(proposal=proposal):
                self.assertIn(proposal[-2] + " " + proposal[-1], done.err)
                self.assertEqual(topo("plan", *proposal, "-i", machine).status, 0)

    def test_choices_beyond_the_defaults(self):
        hybrid, split = self.machine("hybrid"), self.machine("container-v1")
        for machine, words, cpus in (
                (hybrid, ["-w", "6", "--oversubscribe"], [2, 4, 6, 8, 10, 2]),
                (hybrid, ["-w", "2", "--quiet-llc"], [8, 10]),
                (split, ["-w", "2", "--allow-split"], None)):
            with self.subTest(words=words):
                done = topo("plan", *words, "-i", machine)
                self.assertEqual(done.status, 0, done.err)
                workers = json.loads(done.out)["workers"]
                self.assertEqual([worker["cpu"] for worker in workers], cpus or [w["cpu"] for w in workers])
        self.assert_fails(topo("plan", "-w", "1", "--require-isolation", "-i", "pack:1 core:1 pu:2"), 3, "isolated")

    def test_a_kept_layout_stays_where_it_is(self):
        machine, old = self.machine("two-sockets"), self.folder / "old.json"
        self.assert_ok(topo("plan", "-w", "5", "--cpus", "0-3,8-11,16-19,24-27", "-i", machine, "-o", old))
        cpus = [worker["cpu"] for worker in json.loads(old.read_text())["workers"]]
        kept = json.loads(topo("plan", "-w", "5", "--keep", old, "-i", machine).out)
        self.assertEqual([worker["cpu"] for worker in kept["workers"]], cpus)
        self.assertNotEqual([worker["cpu"] for worker in json.loads(topo("plan", "-w", "5", "-i", machine).out)["workers"]], cpus)
        with open(old, encoding="ascii") as stdin:
            self.assertEqual(json.loads(topo("plan", "-w", "5", "--keep", "-", "-i", machine, stdin=stdin).out), kept)
        self.assert_fails(topo("plan", "-w", "5", "--keep", self.folder / "none", "-i", machine), 1, "none")
        old.write_text("{}")
        self.assert_fails(topo("plan", "-w", "5", "--keep", old, "-i", machine), 1, "schema")

    def test_a_fleet_gets_a_layout_for_each_machine_or_none(self):
        hybrid, xeon = self.machine("hybrid"), self.machine("two-sockets")
        done = topo("plan", "-w", "4", "-i", hybrid, "-i", xeon, "-i", hybrid)
        self.assert_ok(done)
        fleet = json.loads(done.out)
        self.assertEqual(fleet["schema"], "torque.fleet/1")
        self.assertEqual([target["input"] for target in fleet["targets"]], [str(hybrid), str(xeon), str(hybrid)])
        for target, machine in zip(fleet["targets"], (hybrid, xeon, hybrid)):
            self.assertEqual(target["layout"], json.loads(topo("plan", "-w", "4", "-i", machine).out))
        self.assertEqual([line["inputs"] for line in fleet["lines"]], [[str(hybrid)] * 2, [str(xeon)]])
        self.assert_fails(topo("plan", "-w", "6", "-i", xeon, "-i", hybrid), 3, str(hybrid), "5 slots")
        self.assertIn(f"{xeon}\n", topo("plan", "-w", "4", "-i", hybrid, "-i", xeon, "--explain").err)

    def test_a_large_machine_is_planned_quickly(self):
        """32 nodes, 4,096 CPUs: 35 ms of CPU time in a release build on Zen 4, most of it to read 1.2 MB of JSON."""
        document = self.folder / "large.json"
        self.assert_ok(topo("show", "-i", "pack:32 core:64 pu:2", "--json", "-o", document))
        done = topo("plan", "--workers", "1024", "-i", document)
        self.assert_ok(done)
        self.assertEqual(len(json.loads(done.out)["workers"]), 1024)
        self.assertLess(done.cpu_seconds, 30 if harness.options.sanitized else 3)

    def test_help_and_version_are_data(self):
        for arguments in (["--help"], ["show", "--help"], ["plan", "-h"], ["--version"]):
            with self.subTest(arguments=arguments):
                done = topo(*arguments)
                self.assert_ok(done)
                self.assertTrue(done.out.endswith("\n"))
        self.assertRegex(topo("--version").out, r"\Atorque-topo \d+\.\d+\.\d+\n\Z")

    def test_help_begins_with_the_command_as_it_is_typed(self):
        self.assertIn("\nUsage: torque-topo [", topo("--help").out)
        self.assertIn("\nUsage: torque-topo plan [", topo("plan", "--help").out)

    def test_help_names_every_option_it_refuses_a_misspelling_of(self):
        text = topo("plan", "--help").out
        for option in ("--workers", "--policy", "--smt", "--class", "--isolate", "--near", "--cpus", "--profile",
                       "--keep", "--prefer", "--quiet-llc", "--allow-split", "--oversubscribe", "--require-isolation"):
            self.assertIn(option, text)

    def test_this_machine_can_be_shown_and_a_worker_planned(self):
        self.assert_ok(topo("show"))
        self.assertEqual(topo("plan", "--workers", "1").status, 0)


if __name__ == "__main__":
    harness.main()
