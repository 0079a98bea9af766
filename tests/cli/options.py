"""The command line: what is refused, with which exit status, and what is proposed instead."""

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
    (["plan", "--workers", "2", "--profile", "ful"], ["did you mean --profile full"]),
    (["plan", "--workers", "2", "--workers", "3"], ["--workers"]),
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

    def test_help_and_version_are_data(self):
        for arguments in (["--help"], ["show", "--help"], ["plan", "-h"], ["--version"]):
            with self.subTest(arguments=arguments):
                done = topo(*arguments)
                self.assert_ok(done)
                self.assertTrue(done.out.endswith("\n"))
        self.assertRegex(topo("--version").out, r"\Atorque-topo \d+\.\d+\.\d+\n\Z")

    def test_help_names_every_option_it_refuses_a_misspelling_of(self):
        text = topo("plan", "--help").out
        for option in ("--workers", "--policy", "--smt", "--class", "--isolate", "--near", "--cpus", "--profile"):
            self.assertIn(option, text)

    def test_this_machine_can_be_shown_and_a_worker_planned(self):
        self.assert_ok(topo("show"))
        self.assertEqual(topo("plan", "--workers", "1").status, 0)


if __name__ == "__main__":
    harness.main()
