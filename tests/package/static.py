"""torque-topo-static runs where there is nothing else: in an empty root.

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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    build = parser.parse_args().build
    made = subprocess.run(["cmake", "--build", str(build), "--target", "torque-topo-static"], capture_output=True,
                          text=True, check=False)
    if made.returncode != 0:
        if "cannot find -l" in made.stdout:
            print("skipped: a library is not there as an archive: "
                  + next(line for line in made.stdout.splitlines() if "cannot find -l" in line))
            return SKIPPED
        sys.exit(f"static: it does not build:\n{made.stdout}{made.stderr}")
    with tempfile.TemporaryDirectory(prefix="torque-") as folder:
        root = pathlib.Path(folder)
        shutil.copy(build / "torque-topo-static", root / "topo")
        machines.write_tar("hybrid", root / "machine.tar")
        enter = ["chroot"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "chroot"]
        shown = subprocess.run([*enter, str(root), "/topo", "show", "--json", "-i", "/machine.tar"],
                               capture_output=True, text=True, check=False)
        if shown.returncode != 0 and not shown.stderr.startswith("torque-topo:"):
            print(f"skipped: this user cannot enter another root: {shown.stderr.strip()}")
            return SKIPPED
        if shown.returncode != 0 or len(json.loads(shown.stdout)["cpus"]) == 0:
            sys.exit(f"static: {shown.returncode}: {shown.stderr}")
        planned = subprocess.run([*enter, str(root), "/topo", "plan", "-w", "1", "-i", "/machine.tar"],
                                 capture_output=True, text=True, check=False)
        if planned.returncode != 0 or len(json.loads(planned.stdout)["workers"]) != 1:
            sys.exit(f"static: {planned.returncode}: {planned.stderr}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
