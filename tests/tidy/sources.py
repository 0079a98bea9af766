"""The machine is touched in few places only, and headers begin with their purpose."""

import re

import tree

# Files that may name absolute paths of the system and read the environment.
OUTER = re.compile(r"src/(sys|cli)/|src/serve/(main|options)\.cc$|src/(load|apart)/main\.cc$")

# Files and folders that name such paths as text. What opens files is told by the headers below.
NAMES_PATHS = {
    "src/machine/": "provenance: where a fact came from",
    "src/layout/profile_json.cc": "which paths a profile may name",
    "src/tune/": "the paths of knobs, and where a check found what it found",
    "src/emit/": "where other programs keep what is written for them",
    "src/plan/plan.cc": "the paths of runtime knobs are part of the layout",
    "src/plan/steer.cc": "the paths of runtime knobs are part of the layout",
}

# Headers that open files, and who besides the outer files may use them.
OPENS_FILES = {"<fstream>", "<filesystem>", "<fcntl.h>", "<unistd.h>", "<sys/stat.h>", "<sys/mman.h>", "<dirent.h>"}
OPENERS = re.compile(r"src/(serve|load)/|src/base/fd\.(h|cc)$|tests/")

ABSOLUTE = re.compile(r'"/(sys|proc|dev|etc|run|var|tmp|usr|home|root|bin|lib|opt)\b[^"]*"')
ENVIRONMENT = re.compile(r"\b(secure_getenv|getenv|environ)\b")


def check_source(path, text, faults):
    if OUTER.match(path):
        return
    for number, line in enumerate(tree.blank(text, keep_strings=True).split("\n"), 1):
        literal = ABSOLUTE.search(line)
        if literal and not path.startswith(tuple(NAMES_PATHS)):
            faults.append(f"{path}:{number}: the absolute path {literal.group()}: read through Host")
    for number, line in enumerate(tree.blank(text).split("\n"), 1):
        if ENVIRONMENT.search(line):
            faults.append(f"{path}:{number}: reads the environment: only main programs may")


def check_opens(path, text, faults):
    if OUTER.match(path) or OPENERS.match(path):
        return
    for number, header in tree.includes(text):
        if header in OPENS_FILES:
            faults.append(f"{path}:{number}: includes {header}: read through Host")


def check_header(path, text, faults):
    lines = text.split("\n")
    if not re.match(r"// \S.*[^.]\.$", lines[0]):
        faults.append(f"{path}:1: the first line is not a // sentence of purpose that ends with a full stop")
    if "#pragma once" not in lines:
        faults.append(f"{path}: has no #pragma once")
    for number, line in enumerate(tree.blank(text).split("\n"), 1):
        if re.search(r"\busing\s+namespace\s+(::)?std\b", line):
            faults.append(f"{path}:{number}: using namespace std in a header")


def main():
    root = tree.arguments(__doc__).root
    faults = []
    paths = tree.cpp_files(root, "src", "probes", "include", "tests")
    for path in paths:
        text = tree.read(root, path)
        if not path.startswith("tests/"):
            check_source(path, text, faults)
            check_opens(path, text, faults)
        if path.endswith(".h"):
            check_header(path, text, faults)
    for excused in NAMES_PATHS:
        if not any(ABSOLUTE.search(tree.read(root, path)) for path in paths if path.startswith(excused)):
            faults.append(f"{excused}: is excused in tests/tidy/sources.py but names no absolute path any more")
    tree.report(faults, len(paths))


main()
