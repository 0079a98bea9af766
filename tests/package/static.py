"""torque-topo runs where there is nothing else: in an empty root; and what it needs torque-apart for, it says.

usage: static.py --build FOLDER
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/machines"))
import machines  # noqa: E402


def is_static(program):
    """By its program headers: none of them names a loader."""
    data = program.read_bytes()
    if data[:6] != b"\x7fELF\x02\x01":
        sys.exit(f"static: {program} is no program of 64 bits, lower byte first")
    first, size, count = (int.from_bytes(data[at:at + width], "little") for at, width in ((32, 8), (54, 2), (56, 2)))
    interpreter = 3  # PT_INTERP
    return all(int.from_bytes(data[at:at + 4], "little") != interpreter for at in range(first, first + size * count, size))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    topo = parser.parse_args().build / "torque-topo"
    if not is_static(topo):
        print("skipped: torque-topo is not static here: see cmake/StaticPie.cmake")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="torque-") as folder:
        root = pathlib.Path(folder)
        shutil.copy(topo, root / "topo")
        machines.write_tar("hybrid", root / "machine.tar")
        enter = ["chroot"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "chroot"]

        def run(*arguments):
            return subprocess.run([*enter, str(root), "/topo", *arguments], capture_output=True, text=True, check=False)

        shown = run("show", "--json", "-i", "/machine.tar")
        if shown.returncode != 0 and not shown.stderr.startswith("torque-topo:"):
            print(f"skipped: this user cannot enter another root: {shown.stderr.strip()}")
            return SKIPPED
        if shown.returncode != 0 or len(json.loads(shown.stdout)["cpus"]) == 0:
            sys.exit(f"static: {shown.returncode}: {shown.stderr}")
        planned = run("plan", "-w", "1", "-i", "/machine.tar")
        if planned.returncode != 0 or len(json.loads(planned.stdout)["workers"]) != 1:
            sys.exit(f"static: {planned.returncode}: {planned.stderr}")
        described = run("show", "-i", "pack:1 core:2 pu:1")
        if described.returncode != 1 or "/torque-apart" not in described.stderr or "\nhint: " not in described.stderr:
            sys.exit(f"static: without torque-apart: {described.returncode}: {described.stderr}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
