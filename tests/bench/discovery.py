"""CPU time of `torque-topo show --json` beside lscpu and lstopo, in one run on one machine.

usage: discovery.py [--topo FILE] [--rounds N] [--json]

Each line is a pair of commands that run alternately; the figures are medians of user plus system time over the
rounds, and their ratio. The machines are the live one, snapshots and CPUID files of ../shared/corpus where it is
there, and two machines of the project's own, of 256 and 4,096 CPUs: on these it is the time for each CPU that counts.
What stands beside torque-topo is run as its users run it; a peer that is not installed is skipped with a word.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/machines"))
import machines  # noqa: E402

CORPUS = ROOT.parent / "shared/corpus"
FOLDERS = (  # (what, folder of the archive below the corpus, hwloc's name of the kind)
    ("256 CPUs, POWER", "hwloc-linux/256ppc-8n8s4t", "fsroot"),
    ("256 CPUs, Itanium", "hwloc-linux/256ia64-64n2s2c", "fsroot"),
    ("144 CPUs, four Xeons", "nri-sysfs/nri-4-socket-server-nosnc", "fsroot"),
    ("384 CPUs, CPUID files", "hwloc-x86/AMD-19h-Zen4-2xEpyc-9654", "cpuid"),
)


def cpu_seconds(command):
    """User plus system time of the command and its children."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"discovery.py: error: {' '.join(command)} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def medians(commands, rounds):
    for command in commands:
        cpu_seconds(command)
    times = [[cpu_seconds(command) for command in commands] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*times)]


def unpack(name, work):
    archive = next((CORPUS / name).glob("*.tar.*"), None)
    if archive is None:
        return None
    with tarfile.open(archive) as tar:
        tar.extractall(work / archive.name)
    # The folder that holds sys/ or the puN files: what lstopo wants to be told.
    return next(at for at in sorted((work / archive.name).rglob("*")) if at.name in ("sys", "pu0")).parent


def comparisons(topo, work):
    """(what, our command, the peer's command, limit of the ratio)."""
    show = [topo, "show", "--json"]
    yield "live, lscpu", show, ["lscpu", "-J"], 1.5
    yield "live, lstopo", show, ["lstopo-no-graphics", "--of", "xml", "-"], 0.2
    for what, name, kind in FOLDERS:
        folder = unpack(name, work) if CORPUS.is_dir() else None
        if folder is None:
            print(f"skipped: {what}: {CORPUS / name} is not there", file=sys.stderr)
            continue
        yield (what, show + ["-i", str(folder)],
               ["lstopo-no-graphics", "--if", kind, "--input", str(folder), "--of", "xml", "-"], 0.2)
    folders = [work / name for name in ("huge", "huge-sixteenth")]
    for folder in folders:
        machines.write_folder(folder.name, folder)
    yield "4,096 CPUs, 256 CPUs", *(show + ["-i", str(folder)] for folder in folders), 16 * 1.3


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--topo", default=str(ROOT / "build/torque-topo"))
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results = []
    if not options.json:
        print(f"{'':24}{'ours ms':>9}{'peer ms':>9}{'ratio':>8}{'limit':>8}")
    with tempfile.TemporaryDirectory() as work:
        for what, ours, peer, limit in comparisons(options.topo, pathlib.Path(work)):
            if shutil.which(peer[0]) is None:
                print(f"skipped: {what}: {peer[0]} is not installed", file=sys.stderr)
                continue
            a, b = medians([ours, peer], options.rounds)
            results.append({"what": what, "ours_ms": a * 1e3, "peer_ms": b * 1e3, "ratio": a / b, "limit": limit})
            if not options.json:
                print(f"{what:24}{a * 1e3:9.2f}{b * 1e3:9.2f}{a / b:8.2f}{limit:8.2f}", flush=True)
    if options.json:
        print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
