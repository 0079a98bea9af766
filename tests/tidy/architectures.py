"""What is written for one processor compiles for another: files that name an architecture, with arm64's compiler."""

import pathlib
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import tree

COMPILER = "aarch64-linux-gnu-g++"
# Warnings are the build's; -idirafter: headers of libraries alone come from this machine, those of libc do not.
FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion",
         "-Wno-sign-conversion", "-Wno-missing-field-initializers", "-Werror", "-DTORQUE_WORKER_PTHREAD=1",
         "-idirafter", "/usr/include"]
NAMES_ONE = re.compile(r"__(x86_64|i386|aarch64)__|\b__asm__\b|<(x86intrin|immintrin|cpuid)\.h>")


def chosen(root):
    """The .cc files that name an architecture, or that stand in for what another one lacks."""
    return [path for path in tree.cpp_files(root, "src", "probes") if path.endswith(".cc") and (
        path.endswith("_none.cc") or NAMES_ONE.search(tree.blank(tree.read(root, path), keep_strings=True)))]


def compile_one(root, folders, path):
    """The compiler's complaint, or nothing."""
    done = subprocess.run([COMPILER, *FLAGS, *folders, str(root / path)], capture_output=True, text=True, check=False)
    return f"{path}: does not compile for arm64\n{done.stderr}" if done.returncode != 0 else None


def main():
    options = tree.arguments(__doc__, ("--layers", "the build's folder of layers: each folder in it is one of includes"))
    files = chosen(options.root)
    if shutil.which(COMPILER) is None:
        tree.skip(f"there is no {COMPILER} (Debian: g++-aarch64-linux-gnu)")
    layers = sorted(pathlib.Path(options.layers or options.root / "build" / "layers").iterdir())
    folders = [word for folder in (options.root / "include", *layers) for word in ("-I", str(folder))]
    with ThreadPoolExecutor(max_workers=2) as pool:
        faults = list(filter(None, pool.map(lambda path: compile_one(options.root, folders, path), files)))
    tree.report(faults, len(files))


main()
