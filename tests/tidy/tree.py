"""What the lints share: the project's files, C++ text without its comments and strings, the report."""

import argparse
import pathlib
import re
import subprocess
import sys

SKIPPED = 77  # ctest's SKIP_RETURN_CODE


def arguments(description, *extra):
    """--root and the given extra options, each (name, help)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[2])
    for name, text in extra:
        parser.add_argument(name, help=text)
    return parser.parse_args()


def files(root):
    """Relative paths of all files that git tracks or would; of all files where there is no repository."""
    command = ["git", "-c", "safe.directory=*", "-C", str(root), "ls-files", "-z", "--cached", "--others",
               "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = [str(path.relative_to(root)) for path in root.rglob("*")]
        listed = [path for path in listed if not re.match(r"build(-[^/]*)?/|\.git/|(.*/)?__pycache__/", path)]
    return sorted({path for path in listed if path and (root / path).is_file()})


def cpp_files(root, *folders):
    """The .h and .cc files below the folders."""
    return [path for path in files(root)
            if path.endswith((".h", ".cc")) and path.startswith(tuple(folder + "/" for folder in folders))]


def read(root, path):
    return (root / path).read_text(encoding="utf-8", errors="replace")


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^\s()\\]{0,16})\(.*?\)(?P=mark)"'
                   r"|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'", re.DOTALL)


def blank(text, keep_strings=False):
    """C++ text with comments, and strings unless kept, turned into spaces; lines stay where they are."""
    def spaces(match):
        token = match.group()
        if keep_strings and not token.startswith("/"):
            return token
        if token.startswith("/"):
            return re.sub(r"[^\n]", " ", token)
        return token[0] + re.sub(r"[^\n]", " ", token[1:-1]) + token[-1]
    return TOKEN.sub(spaces, text)


def includes(text):
    """(line number, "<x>" or '"x"') of each #include that is not in a comment."""
    found = []
    for number, line in enumerate(blank(text, keep_strings=True).split("\n"), 1):
        match = re.match(r'\s*#\s*include\s*(<[^>]+>|"[^"]+")', line)
        if match:
            found.append((number, match.group(1)))
    return found


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def report(faults, looked_at):
    """Prints the faults and ends the program. Looking at nothing is a fault: a lint must not pass by mistake."""
    if looked_at == 0:
        faults = ["nothing to look at: is --root right?"]
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults, {looked_at} looked at")
    sys.exit(1 if faults else 0)
