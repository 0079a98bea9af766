"""What the program says of each machine of tests/machines, compared with the files that were once found right.

usage: golden.py --topo PROGRAM [--only NAME] [--bless]

NAME/show.txt, NAME/show.json, NAME/box.txt, NAME/plan-*.json and so on are standard outputs. Where a command fails or says something
on standard error there is a .err file beside them: the exit status on its first line, then the text.
--bless writes them anew. Read the difference before you commit it.
"""

import argparse
import difflib
import itertools
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "machines"))

import machines  # noqa: E402

# What is asked of each machine besides `show`: the words of `plan`. A file is named after them.
PLANS = {
    "hybrid": ("4", "5", "6", "6 --class any", "1", "4 --class efficiency", "auto", "10 --smt use",
               "4 --smt housekeeping", "3 --isolate rest", "2 --cpus 4-7", "2 --cpus 90"),
    "two-sockets": ("8", "6 --policy huddle", "auto", "15", "28 --smt use"),
    "epyc-nps1": ("8", "8 --policy huddle", "7 --policy huddle", "auto"),
    "epyc-nps4": ("8", "16 --policy huddle", "auto"),
    "cxl-memory": ("4",),
    "memoryless-node": ("4",),
    "big-little": ("4", "auto", "5", "5 --class any"),
    "vm-no-caches": ("1", "2"),
    "offline-siblings": ("4",),
    "container-v2": ("3", "4", "auto"),
    "container-v1": ("1", "2", "2 --smt use"),
    "isolated": ("4", "5"),
    "nohz-null": ("2",),
    "old-kernel": ("8",),
    "no-topology": ("2",),
    "sparse-nodes": ("4", "15"),
    "only-possible": ("1",),
    "nic-on-node-1": ("6 --near eth0", "10 --near eth0", "10 --near eth0 --spill"),
}

# What more is drawn of some machines: (file name, words of `show`), and over which plan, if over any.
PICTURES = {
    "hybrid": (("box-plan.txt", "--format box", "plan-4.json"), ("table-plan.txt", "--format table", "plan-4.json"),
               ("plan.svg", "--format svg", "plan-4.json"), ("matrix.txt", "--format matrix", None)),
    "nic-on-node-1": (("near.svg", "--format svg", "plan-6-near-eth0.json"), ("matrix.txt", "--format matrix", None),
                      ("table.txt", "--format table --columns cpu,node,l3,devices", None)),
    "cxl-memory": (("show.svg", "--format svg", None),),
    "offline-siblings": (("show.svg", "--format svg", None), ("table.txt", "--format table", None)),
    "epyc-nps4": (("show.svg", "--format svg", None), ("table.txt", "--format table", None)),
}

SANITIZERS = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS")


def environment():
    kept = {name: os.environ[name] for name in SANITIZERS if name in os.environ}
    return {**kept, "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "NO_COLOR": "1"}


def commands(name):
    """(file name without its end, end, arguments) of each command."""
    yield "show", ".txt", ["show"]
    yield "show", ".json", ["show", "--json"]
    yield "box", ".txt", ["show", "--format", "box"]
    for words in PLANS[name]:
        stem = "plan-" + words.replace("--", "").replace(" ", "-")
        yield stem, ".json", ["plan", "--workers", *words.split()]


def pictures(name, found, folder):
    """The same, of those drawn over plans that were found before."""
    for file, words, plan in PICTURES.get(name, ()):
        stem, end = file.rsplit(".", 1)
        if plan:
            (pathlib.Path(folder) / "layout.json").write_text(found[plan])
        yield stem, "." + end, ["show", *words.split(), *(["--layout", "layout.json"] if plan else [])]


def outputs(topo, name, folder):
    """{file name: text}. The outputs name the machine's relative path."""
    found = {}
    for stem, end, arguments in itertools.chain(commands(name), pictures(name, found, folder)):
        done = subprocess.run([topo, *arguments, "--input", f"{name}.tar"], cwd=folder, env=environment(), capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=120)
        out, err = done.stdout.decode(), done.stderr.decode()
        if done.returncode == 0 or out:
            found[stem + end] = out
        if done.returncode != 0 or err:
            found[stem + (".err" if end == ".json" else end + ".err")] = f"exit {done.returncode}\n{err}"
    return found


def expected(name):
    folder = HERE / name
    return {path.name: path.read_text() for path in folder.iterdir()} if folder.is_dir() else {}


def bless(name, found):
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.name not in found:
            path.unlink()
    for file, text in found.items():
        (folder / file).write_text(text)


def differences(name, found):
    """The lines of a unified diff for each file that differs, is missing or is too many."""
    wanted = expected(name)
    for file in sorted(wanted.keys() | found.keys()):
        if wanted.get(file) == found.get(file):
            continue
        yield from difflib.unified_diff(wanted.get(file, "").splitlines(), found.get(file, "").splitlines(),
                                        f"golden/{name}/{file}" if file in wanted else "/dev/null",
                                        f"now/{name}/{file}" if file in found else "/dev/null", lineterm="")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--topo", required=True)
    parser.add_argument("--only", help="one machine's name")
    parser.add_argument("--bless", action="store_true")
    options = parser.parse_args()
    topo = str(pathlib.Path(options.topo).resolve())
    names = [name for name in machines.names() if options.only in (None, name)]
    strangers = [path.name for path in HERE.iterdir() if path.is_dir() and path.name not in PLANS
                 and not path.name.startswith("__")]
    faults = [f"golden/{name}: there is no such machine" for name in strangers]
    compared = 0
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            machines.write_tar(name, pathlib.Path(folder) / f"{name}.tar")
            found = outputs(topo, name, folder)
        compared += len(found)
        if options.bless:
            bless(name, found)
        else:
            faults += differences(name, found)
    for line in faults:
        print(line)
    print(f"{len(names)} machines, {compared} files {'written' if options.bless else 'compared'}")
    sys.exit(1 if faults or compared == 0 else 0)


if __name__ == "__main__":
    main()
