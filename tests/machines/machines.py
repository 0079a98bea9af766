"""Writes snapshots of machines that do not exist: the sysfs and procfs trees of the table in catalogue.py.

usage: machines.py NAME DIR            write the machine's folder
       machines.py NAME FILE.tar[.gz|.bz2|.xz|.zst]
       machines.py --list              the names, each with the reason why the machine is odd
"""

import argparse
import bz2
import contextlib
import gzip
import lzma
import pathlib
import random
import shutil
import subprocess
import sys

import catalogue
import tarball
from files import Link, files_of


def machine(name):
    return catalogue.MACHINES[name]


def names():
    """The machines that fit in a folder: all but the ones that are only there for their size."""
    return [name for name, value in catalogue.MACHINES.items() if not value.large]


def tree(name):
    """The machine's files: {path: text or Link}, in the order of their paths."""
    return dict(sorted(files_of(machine(name)).items()))


def write_folder(name, folder, shuffle_seed=None):
    """With a seed the entries are created in another order, so that readdir returns them in another one."""
    items = list(tree(name).items())
    if shuffle_seed is not None:
        random.Random(shuffle_seed).shuffle(items)
    folder = pathlib.Path(folder)
    made = set()
    for path, content in items:
        target = folder / path
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        if isinstance(content, Link):
            target.symlink_to(content.target)
        else:
            target.write_bytes(content.encode())


@contextlib.contextmanager
def tar_stream(path):
    """A binary stream to `path` that compresses as the file's name says."""
    path = str(path)
    if path.endswith(".zst"):
        with open(path, "wb") as out:
            packer = subprocess.Popen(["zstd", "-q", "-c"], stdin=subprocess.PIPE, stdout=out)
            with packer.stdin:
                yield packer.stdin
            if packer.wait() != 0:
                raise OSError(f"zstd failed on {path}")
        return
    openers = {".gz": lambda name, mode: gzip.open(name, mode, compresslevel=1), ".bz2": bz2.open,
               ".xz": lambda name, mode: lzma.open(name, mode, preset=0)}
    opener = next((value for end, value in openers.items() if path.endswith(end)), open)
    with opener(path, "wb") as out:
        yield out


def can_pack(path):
    return not str(path).endswith(".zst") or shutil.which("zstd") is not None


def write_tar(name, path, top=None):
    """Packs the machine below the folder `top` (its name); there are no entries for folders."""
    top = name if top is None else top
    with tar_stream(path) as out:
        for inner, content in tree(name).items():
            if isinstance(content, Link):
                out.write(tarball.entry(f"{top}/{inner}", kind=tarball.LINK, target=content.target))
            else:
                out.write(tarball.entry(f"{top}/{inner}", content.encode()))
        out.write(tarball.END)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("name", nargs="?")
    parser.add_argument("target", nargs="?")
    options = parser.parse_args()
    if options.list:
        for name, value in catalogue.MACHINES.items():
            print(f"{name:20} {value.about}")
        return
    if options.name not in catalogue.MACHINES or options.target is None:
        parser.error("a machine's name (see --list) and a folder or archive to write")
    if ".tar" in options.target:
        write_tar(options.name, options.target)
    else:
        write_folder(options.name, options.target)


if __name__ == "__main__":
    sys.exit(main())
