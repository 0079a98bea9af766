"""What the tests of the real binary share: running it with limits, machines to give it, the tests' main()."""

import argparse
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from dataclasses import dataclass

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "machines"))

SKIPPED = 77  # ctest's SKIP_RETURN_CODE
SANITIZERS = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")


@dataclass
class Options:
    topo: str = ""
    serve: str = ""
    load: str = ""
    apart: str = ""
    fakes: str = ""  # the folder of libraries that stand for others
    sanitized: bool = False


@dataclass
class Done:
    status: int  # negative: the signal that ended it
    out: str
    err: str
    cpu_seconds: float
    max_rss_mib: float


options = Options()
archives = {}  # by the machine's name: written once a run


def environment(**changes):
    """A small one, with the changes; None takes a variable away."""
    kept = {name: os.environ[name] for name in SANITIZERS if name in os.environ}
    values = {**kept, "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TERM": "xterm", **changes}
    return {name: value for name, value in values.items() if value is not None}


def run(command, timeout_s=120, stdin=subprocess.DEVNULL, stdout=None, env=None, **how):
    """Runs to the end and measures it. Times are of the processor: those of the clock depend on the neighbours."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen([str(word) for word in command], stdin=stdin, stdout=out if stdout is None else stdout,
                                   stderr=err, env=environment() if env is None else env, **how)
        timer = threading.Timer(timeout_s, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        return Done(process.returncode, out.read().decode(errors="replace"), err.read().decode(errors="replace"),
                    usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def topo(*arguments, **how):
    return run([options.topo, *arguments], **how)


class TestCase(unittest.TestCase):
    """A test with an empty folder, self.folder, that is the working directory of nothing."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="torque-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def machine(self, name):
        """A machine as an archive: many times quicker to write and to read than a folder."""
        import machines
        path = self.folder / f"{name}.tar"
        if name not in archives:
            machines.write_tar(name, path)
            archives[name] = path.read_bytes()
        path.write_bytes(archives[name])
        return path

    def machine_folder(self, name, **how):
        import machines
        machines.write_folder(name, self.folder / name, **how)
        return self.folder / name

    def assert_ok(self, done):
        self.assertEqual((done.status, done.err), (0, ""), done)

    def assert_fails(self, done, status, *words):
        """Exit status, nothing on standard output, one error and the words on standard error, and no crash."""
        self.assertEqual(done.status, status, done.err[-2000:])
        self.assertEqual(done.out, "")
        self.assertRegex(done.err, r"\Atorque-topo: error: \S")
        self.assertRegex(done.err, r"\A[^\n]*\n((note|hint): [^\n]*\n)*\Z")
        for word in words:
            self.assertIn(word, done.err)


@contextlib.contextmanager
def burning():
    """Meanwhile a process for each of three times the CPUs does nothing but run."""
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3 * os.cpu_count())]
    try:
        yield
    finally:
        for process in burners:
            process.kill()
            process.wait()


class Result(unittest.TextTestResult):
    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.stream.writeln(f"{test}: skipped: {reason}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--topo", required=True)
    parser.add_argument("--serve", default="")
    parser.add_argument("--load", default="")
    parser.add_argument("--apart", default="")
    parser.add_argument("--fakes", default="")
    parser.add_argument("--sanitized", default="", help="ON: slower and larger, and allowed to be")
    given, rest = parser.parse_known_args()
    for name in ("topo", "serve", "load", "apart", "fakes"):
        path = getattr(given, name)
        setattr(options, name, str(pathlib.Path(path).resolve()) if path else "")
    options.sanitized = given.sanitized.upper() in ("ON", "1", "TRUE", "YES")
    done = unittest.main(argv=[sys.argv[0], *rest], exit=False,
                         testRunner=unittest.TextTestRunner(resultclass=Result, stream=sys.stdout)).result
    if not done.wasSuccessful() or done.testsRun == 0:
        sys.exit(1)
    sys.exit(SKIPPED if len(done.skipped) == done.testsRun else 0)
