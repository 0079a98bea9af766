"""Each public header compiles alone and includes nothing but the standard library, tl::expected and its like."""

import os
import re
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

import tree

ALLOWED = re.compile(r"<[a-z_]+>$|<tl/expected\.hpp>$|\"torque/[a-z_]+\.h\"$")
FLAGS = ["-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"]


def compile_alone(root, compiler, folders, path):
    """The compiler's complaint, or nothing."""
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "alone.cc")
        with open(source, "w", encoding="utf-8") as file:
            file.write(f'#include "{path.removeprefix("include/")}"\n')
        command = [compiler, *FLAGS, "-I", str(root / "include")]
        for extra in folders:
            command += ["-isystem", extra]
        done = subprocess.run([*command, source], capture_output=True, text=True, check=False)
    return f"{path}: does not compile alone\n{done.stderr}" if done.returncode != 0 else None


def main():
    options = tree.arguments(__doc__, ("--compiler", "the C++ compiler (default: c++)"),
                             ("--include", "more include folders, parted by colons"))
    compiler = shutil.which(options.compiler or "c++")
    if compiler is None:
        tree.skip(f"there is no compiler {options.compiler or 'c++'}")
    folders = [folder for folder in (options.include or "").split(":") if folder]
    headers = [path for path in tree.cpp_files(options.root, "include") if path.endswith(".h")]
    faults = []
    for path in headers:
        for number, header in tree.includes(tree.read(options.root, path)):
            if not ALLOWED.match(header):
                faults.append(f"{path}:{number}: {header} in a public header")
    with ThreadPoolExecutor(max_workers=2) as pool:
        faults += filter(None, pool.map(lambda path: compile_alone(options.root, compiler, folders, path), headers))
    tree.report(faults, len(headers))


main()
