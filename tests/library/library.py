"""libtorque as others use it: installed into a folder, found by CMake and by pkg-config, and doing what the program does.

usage: library.py --build FOLDER --compiler FILE
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "cli"))
import mdoc  # noqa: E402

EXAMPLES = ("pin_threads", "plan_here")


def run(*command, **how):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **how)
    if done.returncode != 0:
        sys.exit(f"library: {' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def build_by_cmake(prefix, compiler, into):
    run("cmake", "-S", HERE, "-B", into, f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={compiler}")
    run("cmake", "--build", into)


def build_by_pkg_config(prefix, compiler, into):
    into.mkdir()
    pc = next(prefix.rglob("torque.pc"))
    flags = run("pkg-config", "--cflags", "--libs", "torque", env={**os.environ, "PKG_CONFIG_PATH": str(pc.parent)}).split()
    for name in EXAMPLES:
        run(compiler, HERE / f"{name}.cc", "-o", into / name, *flags)


def check(examples, topo, work):
    layout = work / "layout.json"
    layout.write_text(run(examples / "plan_here", 1))
    planned, ours = json.loads(layout.read_text()), json.loads(run(topo, "plan", "--workers", 1))
    if planned != ours:
        sys.exit(f"library: plan_here plans otherwise than torque-topo: {planned} and {ours}")
    cpu = planned["workers"][0]["cpu"]
    if (said := run(examples / "pin_threads", layout)) != f"worker 0: CPU {cpu}\n":
        sys.exit(f"library: pin_threads said {said!r}, and the layout has CPU {cpu}")
    missing = subprocess.run([str(examples / "pin_threads"), str(work / "missing")], capture_output=True, text=True, check=False)
    if missing.returncode != 1 or not re.search(r"missing: .*\nhint: \S", missing.stderr):
        sys.exit(f"library: a missing layout is told so: {missing}")


def check_page(prefix, work):
    """The programs that torque(3) shows, made and run as it says."""
    work.mkdir()
    pc = next(prefix.rglob("torque.pc"))
    environment = {**os.environ, "PATH": f"{prefix}/bin:" + os.environ["PATH"], "PKG_CONFIG_PATH": str(pc.parent),
                   "CMAKE_PREFIX_PATH": str(prefix)}
    commands = mdoc.commands(ROOT / "man" / "torque.3")
    if len(commands) < 6:
        sys.exit(f"library: torque.3 shows {len(commands)} commands")
    for command in commands:
        if "jq" in command.text and not shutil.which("jq"):
            print(f"skipped: jq is not installed: {command.text}")
            continue
        said = run("bash", "-c", command.text, cwd=work, env=environment)
        if not mdoc.is_shown(command.printed, said):
            sys.exit(f"library: torque.3 shows {command.printed}, and {command.text} printed {said}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--compiler", required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torque-") as folder:
        work = pathlib.Path(folder)
        run("cmake", "--build", given.build, "--target", "all")
        run("cmake", "--install", given.build, "--prefix", work / "prefix")
        for build in (build_by_cmake, build_by_pkg_config):
            build(work / "prefix", given.compiler, work / build.__name__)
            check(work / build.__name__, work / "prefix/bin/torque-topo", work)
        check_page(work / "prefix", work / "page")
    return 0


if __name__ == "__main__":
    sys.exit(main())
