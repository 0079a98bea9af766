"""Completion: each shell's script has every option, and the shell itself completes by it."""

import os
import pty
import re
import select
import shutil
import subprocess
import time

import harness
from harness import topo

SHELLS = ("bash", "zsh", "fish")

# What is typed, and a word that must be among what is proposed.
TYPED = (
    (["sh"], "show"),
    (["show", "--form"], "--format"),
    (["show", "--format", "tr"], "tree"),
    (["plan", "--smt", "off"], "offline"),
    (["plan", "--near", "l"], "lo"),
    (["plan", "--profile", "sys"], "syscall"),
    (["emit", "ngi"], "nginx"),
    (["profiles", "poll"], "poll"),
    (["completion", "fi"], "fish"),
    (["check", "--layout", "/etc/passw"], "passwd"),
)


def commands():
    listed = topo("--help").out.split("Subcommands:")[1]
    return re.findall(r"^  (\S+)", listed, re.M)


def options_of(command):
    return set(re.findall(r"--[a-z][a-z-]*", topo(command, "--help").out.split("Options:")[1].split("\n\n")[0]))


def ask_bash(script, words, _):
    line = " ".join(["torque-topo", *words])
    ask = (f'source "{script}"; COMP_WORDS=({line}); COMP_CWORD={len(words)}; COMP_LINE="{line}"; '
           '_torque_topo; printf "%s\\n" "${COMPREPLY[@]}"')
    return subprocess.run(["bash", "--norc", "-c", ask], capture_output=True, text=True, check=True).stdout


def ask_fish(script, words, _):
    ask = f'source "{script}"; complete -C "torque-topo {" ".join(words)}"'
    return subprocess.run(["fish", "--no-config", "-c", ask], capture_output=True, text=True, check=True).stdout


def read_until(terminal, wanted, seconds=10):
    """What the terminal shows, without its control sequences, until it shows `wanted`."""
    shown, end = "", time.monotonic() + seconds
    while wanted not in shown and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            shown += os.read(terminal, 65536).decode(errors="replace")
            shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|[\x07\r]", "", shown)
    return shown


def ask_zsh(script, words, wanted):
    """zsh completes at a terminal only: type, press tab, see what the line has become."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="dumb", PS1="> ", HOME=os.path.dirname(script), ZDOTDIR=os.path.dirname(script))
        os.execvp("zsh", ["zsh", "-f", "-i"])
    try:
        os.write(terminal, f"autoload -Uz compinit; compinit -u -D; source {script}; echo rea''dy\n".encode())
        read_until(terminal, "ready")
        os.write(terminal, ("torque-topo " + " ".join(words) + "\t\t").encode())
        return read_until(terminal, wanted)
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


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

    def check_typed(self, shell, ask):
        if shutil.which(shell) is None:
            self.skipTest(f"{shell} is not installed")
        script = self.script(shell)
        for words, wanted in TYPED:
            with self.subTest(words=words):
                self.assertIn(wanted, ask(script, words, wanted))

    def test_bash_completes(self):
        self.check_typed("bash", ask_bash)
        self.assertEqual(ask_bash(self.script("bash"), ["show", "--form"], None).split(), ["--format"])
        self.assertIn("true", ask_bash(self.script("bash"), ["run", "--", "tru"], None).split())

    def test_fish_completes(self):
        self.check_typed("fish", ask_fish)

    def test_zsh_completes(self):
        self.check_typed("zsh", ask_zsh)

    def test_an_unknown_shell_is_refused(self):
        self.assert_fails(topo("completion", "tcsh"), 2, "bash|zsh|fish")
        self.assert_fails(topo("completion"), 2, "SHELL")


if __name__ == "__main__":
    harness.main()
