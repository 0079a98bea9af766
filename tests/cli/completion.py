"""Completion: each shell's script has every option, and the shell itself completes by it."""

import os
import pty
import re
import select
import shutil
import subprocess
import time

import harness
from harness import run, topo

SHELLS = ("bash", "zsh", "fish")

# What is typed after a program's name, and a word that must be among what is proposed.
TYPED = (
    ("torque-topo", ["sh"], "show"),
    ("torque-topo", ["show", "--form"], "--format"),
    ("torque-topo", ["show", "--format", "tr"], "tree"),
    ("torque-topo", ["plan", "--smt", "off"], "offline"),
    ("torque-topo", ["plan", "--near", "l"], "lo"),
    ("torque-topo", ["plan", "--profile", "sys"], "syscall"),
    ("torque-topo", ["emit", "ngi"], "nginx"),
    ("torque-topo", ["profiles", "poll"], "poll"),
    ("torque-topo", ["completion", "fi"], "fish"),
    ("torque-topo", ["check", "--layout", "/etc/passw"], "passwd"),
    ("torque-serve", ["--no"], "--no-batching"),
    ("torque-serve", ["--layout", "/etc/passw"], "passwd"),
    ("torque-load", ["--conn"], "--connections"),
    ("torque-load", ["--layout", "/etc/passw"], "passwd"),
)


def commands():
    listed = topo("--help").out.split("Subcommands:")[1]
    return re.findall(r"^  (\S+)", listed, re.M)


def options_of(command):
    return set(re.findall(r"--[a-z][a-z-]*", topo(command, "--help").out.split("Options:")[1].split("\n\n")[0]))


def ask_bash(script, program, words, _):
    line = " ".join([program, *words])
    ask = (f'source "{script}"; COMP_WORDS=({line}); COMP_CWORD={len(words)}; COMP_LINE="{line}"; '
           '_torque_topo; printf "%s\\n" "${COMPREPLY[@]}"')
    return subprocess.run(["bash", "--norc", "-c", ask], capture_output=True, text=True, check=True).stdout


def ask_fish(script, program, words, _):
    ask = f'source "{script}"; source "{script}"; complete -C "{program} {" ".join(words)}"'
    return subprocess.run(["fish", "--no-config", "-c", ask], capture_output=True, text=True, check=True).stdout


def read_until(terminal, wanted, seconds=10):
    """What the terminal shows, without its control sequences, until it shows `wanted`."""
    shown, end = "", time.monotonic() + seconds
    while wanted not in shown and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            shown += os.read(terminal, 65536).decode(errors="replace")
            shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[\x07\r]", "", shown)
    return shown


def at_zsh(folder, before, typed, wanted, tabs=2):
    """zsh completes at a terminal only: type, press tab, see what the line has become."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="dumb", PS1="> ", HOME=folder, ZDOTDIR=folder)
        os.execvp("zsh", ["zsh", "-f", "-i"])
    try:
        os.write(terminal, f"{before}; echo rea''dy\n".encode())
        read_until(terminal, "ready")
        os.write(terminal, (typed + "\t" * tabs).encode())
        return read_until(terminal, wanted)
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


def ask_zsh(script, program, words, wanted):
    before = f"autoload -Uz compinit; compinit -u -D; source {script}"
    return at_zsh(os.path.dirname(script), before, " ".join([program, *words]), wanted)


class Completion(harness.TestCase):
    def script(self, shell):
        done = topo("completion", shell)
        self.assert_ok(done)
        path = self.folder / f"completion.{shell}"
        path.write_text(done.out, encoding="utf-8")
        return str(path)

    def test_every_option_of_every_command_is_in_every_script(self):
        for shell in SHELLS:
            text = topo("completion", shell).out
            for command in commands():
                for option in options_of(command):
                    word = f"-l {option[2:]} " if shell == "fish" else option
                    with self.subTest(shell=shell, command=command, option=option):
                        self.assertIn(word, text)

    def test_every_option_of_the_other_programs_is_in_every_script(self):
        for program in (harness.options.serve, harness.options.load):
            name = os.path.basename(program)
            options = re.findall(r"^  (?:-\w, )?--([a-z-]+)", run([program, "--help"]).out, re.M)
            self.assertGreater(len(options), 5, name)
            for shell in SHELLS:
                text = self.part_for(name, shell)
                for option in options:
                    with self.subTest(shell=shell, program=name, option=option):
                        self.assertIn(f"-l {option} " if shell == "fish" else f"--{option}", text)

    def part_for(self, program, shell):
        """What a shell's script says of one of the programs without commands."""
        text = topo("completion", shell).out
        if shell == "fish":
            return "\n".join(line for line in text.split("\n") if line.startswith(f"complete -c {program} "))
        return text.split(f"\n        {program})\n")[1].split(";;\n        ", 1)[0]

    def check_typed(self, shell, ask):
        if shutil.which(shell) is None:
            self.skipTest(f"{shell} is not installed")
        script = self.script(shell)
        for program, words, wanted in TYPED:
            with self.subTest(program=program, words=words):
                self.assertIn(wanted, ask(script, program, words, wanted))

    def test_bash_completes(self):
        self.check_typed("bash", ask_bash)
        self.assertEqual(ask_bash(self.script("bash"), "torque-topo", ["show", "--form"], None).split(), ["--format"])
        self.assertIn("true", ask_bash(self.script("bash"), "torque-topo", ["run", "--", "tru"], None).split())

    def test_fish_completes(self):
        self.check_typed("fish", ask_fish)

    def test_zsh_completes(self):
        self.check_typed("zsh", ask_zsh)

    def test_zsh_finds_it_in_its_path(self):
        """There it is read when it is first asked for, and has to answer at once."""
        if shutil.which("zsh") is None:
            self.skipTest("zsh is not installed")
        shutil.move(self.script("zsh"), self.folder / "_torque-topo")
        before = f"fpath=({self.folder} $fpath); autoload -Uz compinit; compinit -u -D"
        for typed, wanted in (("torque-topo show --form", "--format"), ("torque-serve --no", "--no-batching")):
            with self.subTest(typed):
                self.assertIn(wanted, at_zsh(str(self.folder), before, typed, wanted, tabs=1))

    def test_an_unknown_shell_is_refused(self):
        self.assert_fails(topo("completion", "tcsh"), 2, "bash|zsh|fish")
        self.assert_fails(topo("completion"), 2, "SHELL")


if __name__ == "__main__":
    harness.main()
