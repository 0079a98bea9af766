"""No file holds a path of the machine it was written on, trailing space, or (in C++) a tab."""

import re

import tree

# Written in pieces, so that this file does not hold what it looks for.
BUILD_MACHINE = re.compile(r"(?<![\w.$}*])/(?:" + "|".join(["work", "root", "home", "Users"]) + r")/[\w.]")

# Files that are other people's words.
FOREIGN = {"LICENSE"}


def main():
    root = tree.arguments(__doc__).root
    faults, looked_at = [], 0
    for path in tree.files(root):
        data = (root / path).read_bytes()
        if b"\0" in data or path in FOREIGN:
            continue
        looked_at += 1
        text = data.decode("utf-8", errors="replace")
        for number, line in enumerate(text.split("\n"), 1):
            found = BUILD_MACHINE.search(line)
            if found:
                faults.append(f"{path}:{number}: a path of the machine it was written on: {line.strip()[:80]}")
            if line != line.rstrip():
                faults.append(f"{path}:{number}: space at the end of the line")
            if "\t" in line and path.endswith((".h", ".cc")):
                faults.append(f"{path}:{number}: a tab")
        if text and not text.endswith("\n"):
            faults.append(f"{path}: the last line does not end")
    tree.report(faults, looked_at)


main()
