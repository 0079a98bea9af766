"""The acceptance scripts that come with the corpus of real machines, against a list of the items known to differ.

usage: accept.py --topo PROGRAM [--shared FOLDER]

The folder holds accept/discovery.py, accept/plan.py and the corpus; without it the test is skipped. It fails when
an item fails that is not listed, and when a listed one passes: the list is what is true today.
"""

import argparse
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77

SNAPSHOTS = {
    "hwloc-linux/fakeheterocpunuma": "made up: hwloc guesses from distances where its CPU-less nodes belong",
    "hwloc-linux/nvidiagpunumanodes": "we take cpuset.effective_cpus, the reference cpuset.cpus",
    "lscpu-dumps/arm-A510-A710-A715-X3": "caches of unknown size are null here and 0 in the reference",
    "lscpu-dumps/ppc-qemu": "caches of unknown size are null here and 0 in the reference",
    "lscpu-dumps/vmware_fpe": "Bulldozer compute units: hwloc has 16 cores too, once it is told the architecture",
}

PLANS = {}  # all hold

# Script, its options, what begins the line of an item that failed, the known ones, the score that ends its output.
SCRIPTS = (
    ("discovery.py", ["--kind", "snapshots", "--timeout", "100"], r"snapshot (\S+): ", SNAPSHOTS,
     r"snapshots (\d+) of (\d+)"),
    ("plan.py", [], r"((?:plan|lint) [^:]+): ", PLANS, r"(\d+) of (\d+) examples hold"),
)


def faults_of(script, arguments, item, known, score):
    done = subprocess.run([sys.executable, "-B", str(script), *arguments], capture_output=True, text=True, timeout=280)
    failed = {match.group(1): line for line in done.stdout.splitlines() if (match := re.match(item, line))}
    numbers = re.search(score, done.stdout)
    if not numbers:
        return [f"{script.name} ended without a score: {done.stdout[-300:]}{done.stderr[-300:]}"]
    passed, total = map(int, numbers.groups())
    print(f"{script.name}: {numbers.group()}")
    faults = [line for name, line in failed.items() if name not in known]
    faults += [f"{name}: passes now; take it off the list of {pathlib.Path(__file__).name}"
               for name in known if name not in failed]
    if total == 0 or total - passed != len(failed):
        faults.append(f"{script.name}: {total - passed} of {total} failed, but {len(failed)} were named")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--topo", required=True)
    parser.add_argument("--shared", type=pathlib.Path, default=ROOT.parent / "shared")
    options = parser.parse_args()
    if not (options.shared / "accept").is_dir():
        print("skipped: there is no folder shared/accept beside the checkout; --shared names another place")
        sys.exit(SKIPPED)
    topo = str(pathlib.Path(options.topo).resolve())
    faults = []
    for name, arguments, item, known, score in SCRIPTS:
        faults += faults_of(options.shared / "accept" / name, ["--topo", topo, *arguments], item, known, score)
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
