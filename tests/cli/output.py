"""Where output goes: pipes, full disks, closed descriptors, files, terminals."""

import fcntl
import json
import os
import pty
import re
import resource
import struct
import subprocess
import termios
import threading

import harness
from harness import environment, options, run, topo

COLOUR = "\x1b["
FILE_BYTES_MAX = 64  # less than any document


def on_terminal(arguments, columns=100, **env):
    """(exit status, what the terminal got)."""
    terminal, program_side = pty.openpty()
    fcntl.ioctl(program_side, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen([options.topo, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=program_side,
                               stderr=program_side, env=environment(**env))
    os.close(program_side)
    timer = threading.Timer(60, process.kill)
    timer.start()
    chunks = []
    try:
        while chunk := os.read(terminal, 65536):
            chunks.append(chunk)
    except OSError:  # EIO: the last writer is gone
        pass
    timer.cancel()
    os.close(terminal)
    return process.wait(), b"".join(chunks).decode().replace("\r\n", "\n")


def width(text):
    return max(map(len, re.sub(r"\x1b\[[0-9;]*m", "", text).split("\n")))


def limit_file_size():
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES_MAX, FILE_BYTES_MAX))


class Streams(harness.TestCase):
    def test_a_reader_that_leaves_early_gets_no_complaint(self):
        machine = self.machine("epyc-nps1")  # its document is larger than a pipe
        done = run(["bash", "-c", 'set -o pipefail; "$0" show --json -i "$1" | head -n 1; echo ${PIPESTATUS[0]}',
                    options.topo, machine])
        first, status = done.out.split()[0], int(done.out.split()[-1])
        self.assertEqual(first, "{")
        self.assertIn(status, (0, 141))  # 128 + SIGPIPE
        self.assertEqual(done.err, "")

    def test_a_full_disk_is_an_error(self):
        machine = self.machine("hybrid")
        for command in (["show"], ["show", "--json"], ["plan", "-w", "4"], ["--version"], ["--help"]):
            given = [] if command[0].startswith("--") else ["-i", machine]
            with self.subTest(command=command), open("/dev/full", "wb") as full:
                self.assert_fails(topo(*command, *given, stdout=full), 1, "No space left on device")

    def test_a_closed_standard_output_is_an_error(self):
        machine = self.machine("hybrid")
        for command in ("show", "show --json", "plan --workers 4"):
            with self.subTest(command=command):
                done = run(["bash", "-c", f'exec "$0" {command} -i "$1" >&-', options.topo, machine])
                self.assert_fails(done, 1)

    def test_a_full_or_closed_standard_error_changes_nothing(self):
        machine = self.machine("isolated")
        plain = topo("plan", "-w", "4", "-i", machine)
        for where in ("/dev/full", "&-"):
            for words, wanted in (("plan -w 4", (0, plain.out)), ("plan -w 999", (3, ""))):
                with self.subTest(where=where, words=words):
                    done = run(["bash", "-c", f'exec "$0" {words} -i "$1" 2>{where}', options.topo, machine])
                    self.assertEqual((done.status, done.out), wanted)
        target = self.folder / "layout.json"
        done = run(["bash", "-c", 'exec "$0" plan -w 4 -i "$1" -o "$2" 2>&-', options.topo, machine, target])
        self.assertEqual((done.status, target.read_text()), (0, plain.out))

    def test_a_closed_standard_input_does_not_matter(self):
        machine = self.machine("hybrid")
        done = run(["bash", "-c", 'exec "$0" show -i "$1" <&-', options.topo, machine])
        self.assert_ok(done)
        self.assertEqual(done.out, topo("show", "-i", machine).out)

    def test_warnings_and_explanations_are_not_data(self):
        machine = self.machine("isolated")
        plain = topo("plan", "-w", "4", "-i", machine)
        self.assertEqual(plain.status, 0)
        self.assertIn("torque-topo: warning: ", plain.err)
        explained = topo("plan", "-w", "4", "--explain", "-i", machine)
        self.assertEqual(explained.status, 0)
        self.assertGreater(len(explained.err), len(plain.err))
        self.assertEqual(explained.out, plain.out)


class Files(harness.TestCase):
    def entries(self):
        return sorted(path.name for path in self.folder.iterdir())

    def test_a_file_gets_what_standard_output_would(self):
        machine = self.machine("hybrid")
        for command in (["show"], ["show", "--json"], ["plan", "-w", "4"]):
            with self.subTest(command=command):
                target = self.folder / "out"
                target.write_text("before")
                done = topo(*command, "-i", machine, "-o", target)
                self.assert_ok(done)
                self.assertEqual(done.out, "")
                self.assertEqual(target.read_text(), topo(*command, "-i", machine).out)
                target.unlink()
        self.assertEqual(self.entries(), ["hybrid.tar"])

    def test_a_dash_is_standard_output(self):
        machine = self.machine("hybrid")
        self.assertEqual(topo("plan", "-w", "4", "-i", machine, "-o", "-", cwd=self.folder).out,
                         topo("plan", "-w", "4", "-i", machine).out)
        self.assertEqual(self.entries(), ["hybrid.tar"])

    def test_a_failed_command_leaves_the_file_as_it_was(self):
        machine = self.machine("hybrid")
        target = self.folder / "layout.json"
        self.assert_fails(topo("plan", "-w", "99", "-i", machine, "-o", target), 3)
        self.assertEqual(self.entries(), ["hybrid.tar"])
        target.write_text("before")
        self.assert_fails(topo("plan", "-w", "99", "-i", machine, "-o", target), 3)
        self.assertEqual((target.read_text(), self.entries()), ("before", ["hybrid.tar", "layout.json"]))

    def test_a_write_that_fails_halfway_leaves_nothing_behind(self):
        machine = self.machine("hybrid")
        target = self.folder / "out"
        target.write_text("before")
        done = topo("show", "--json", "-i", machine, "-o", target, preexec_fn=limit_file_size, restore_signals=False)
        self.assertNotEqual(done.status, 0)
        self.assertEqual((target.read_text(), self.entries()), ("before", ["hybrid.tar", "out"]))

    def test_places_that_cannot_be_written(self):
        machine = self.machine("hybrid")
        (self.folder / "file").write_text("")
        (self.folder / "folder").mkdir()
        for target in ("missing/out", "file/out", ".", "folder"):
            with self.subTest(target=target):
                done = topo("show", "-i", machine, "-o", self.folder / target)
                self.assert_fails(done, 1, str(self.folder / target))
                self.assertEqual(self.entries(), ["file", "folder", "hybrid.tar"])

    def test_a_folder_without_permission(self):
        if os.geteuid() == 0:
            self.skipTest("root may write everywhere")
        machine = self.machine("hybrid")
        closed = self.folder / "closed"
        closed.mkdir(mode=0o555)
        self.assert_fails(topo("show", "-i", machine, "-o", closed / "out"), 1, "Permission denied")
        self.assertEqual(list(closed.iterdir()), [])


class Terminals(harness.TestCase):
    def test_colour_where_it_is_wanted(self):
        machine = self.machine("isolated")
        command = ["show", "-i", machine]
        self.assertIn(COLOUR, on_terminal(command)[1])
        self.assertNotIn(COLOUR, on_terminal(command, TERM="dumb")[1])
        self.assertNotIn(COLOUR, on_terminal(command, NO_COLOR="1")[1])
        self.assertIn(COLOUR, on_terminal(command, NO_COLOR="")[1])  # no-color.org: when not empty
        self.assertNotIn(COLOUR, topo(*command).out)
        self.assertIn(COLOUR, topo(*command, env=environment(CLICOLOR_FORCE="1")).out)
        self.assertNotIn(COLOUR, topo(*command, env=environment(CLICOLOR_FORCE="0")).out)
        self.assertNotIn(COLOUR, topo(*command, env=environment(CLICOLOR_FORCE="1", NO_COLOR="1")).out)

    def test_documents_have_no_colour(self):
        machine = self.machine("hybrid")
        for command in (["show", "--json"], ["plan", "-w", "4"]):
            status, text = on_terminal([*command, "-i", machine], CLICOLOR_FORCE="1")
            self.assertEqual(status, 0)
            self.assertNotIn(COLOUR, text)
            json.loads(text)

    def test_colour_changes_nothing_else(self):
        machine = self.machine("hybrid")
        bare = re.sub(r"\x1b\[[0-9;]*m", "", topo("show", "-i", machine, env=environment(CLICOLOR_FORCE="1")).out)
        self.assertEqual(bare, topo("show", "-i", machine).out)

    def test_lines_fit_the_terminal(self):
        machine = self.machine("epyc-nps4")
        for columns in (60, 80, 160):
            with self.subTest(columns=columns):
                status, text = on_terminal(["show", "-i", machine], columns=columns)
                self.assertEqual(status, 0)
                self.assertLessEqual(width(text), columns)
        wide, narrow = (on_terminal(["show", "-i", machine], columns=columns)[1] for columns in (160, 60))
        self.assertNotEqual(wide, narrow)

    def test_the_locale_decides_on_unicode(self):
        machine = self.machine("hybrid")
        self.assertTrue(topo("show", "-i", machine, env=environment(LC_ALL="C")).out.isascii())
        self.assertFalse(topo("show", "-i", machine, env=environment(LC_ALL="C.UTF-8")).out.isascii())


if __name__ == "__main__":
    harness.main()
