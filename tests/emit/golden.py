"""Every format of a few plans, compared with the files that were once found right.

usage: golden.py --topo PROGRAM [--bless]

golden/PLAN.txt holds all formats of one plan, each below a line with its name; where the format says no, its error.
--bless writes them anew. Read the difference before you commit it.
"""

import argparse
import difflib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "machines"))

import machines  # noqa: E402

# The plan's name, the machine, the words of `plan`, and why it is here.
PLANS = (
    ("seed", "hybrid", "4", "cores of two classes, workers on every second CPU"),
    ("numa", "two-sockets", "8", "workers and their memory on two nodes"),
    ("descending", "nic-on-node-1", "10 --near eth0 --spill", "the workers' CPUs do not ascend"),
    ("strided", "epyc-nps1", "8", "the boot line has strides, which nothing else may have"),
    ("runtime", "hybrid", "4 --profile runtime", "no boot line"),
    ("container", "container-v2", "auto", "no boot line, and what the container leaves"),
)

SANITIZERS = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")


def run(topo, *arguments, **how):
    env = {name: os.environ[name] for name in (*SANITIZERS, "PATH") if name in os.environ}
    return subprocess.run([topo, *arguments], env={**env, "LC_ALL": "C"}, capture_output=True, text=True, timeout=120,
                          check=False, **how)


def all_formats(topo, machine, words):
    with tempfile.TemporaryDirectory() as folder:
        machines.write_tar(machine, pathlib.Path(folder) / "machine.tar")
        layout = run(topo, "plan", "--workers", *words.split(), "-i", "machine.tar", cwd=folder)
    if layout.returncode != 0:
        raise SystemExit(f"plan of {machine}: {layout.stderr}")
    text = ""
    for row in json.loads(run(topo, "emit", "--json").stdout)["formats"]:
        done = run(topo, "emit", row["name"], "--layout", "-", input=layout.stdout)
        if done.returncode not in (0, 1) or bool(done.stdout) != (done.returncode == 0):
            raise SystemExit(f"emit {row['name']} of {machine}: {done}")
        text += f"==== {row['name']}\n{done.stdout or done.stderr}"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--topo", required=True)
    parser.add_argument("--bless", action="store_true")
    options = parser.parse_args()
    topo = str(pathlib.Path(options.topo).resolve())
    golden = HERE / "golden"
    strangers = {path.stem for path in golden.glob("*")} - {name for name, _, _, _ in PLANS}
    faults = [f"golden/{name}.txt: there is no such plan" for name in sorted(strangers)]
    for name, machine, words, _ in PLANS:
        found, path = all_formats(topo, machine, words), golden / f"{name}.txt"
        if options.bless:
            path.write_text(found)
        wanted = path.read_text() if path.is_file() else ""
        faults += difflib.unified_diff(wanted.splitlines(), found.splitlines(), f"golden/{path.name}", "now", lineterm="")
    for line in faults:
        print(line)
    print(f"{len(PLANS)} plans {'written' if options.bless else 'compared'}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
