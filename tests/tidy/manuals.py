"""Manual pages and programs tell the same: every option is in its page and the other way round; mandoc is silent."""

import re
import shutil
import subprocess

import tree

EVERY_COMMAND = {"help", "version"}  # a page need not repeat them


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def rendered(page):
    """The page as plain text, without overstrikes."""
    return re.sub(r".\x08", "", run("mandoc", "-T", "ascii", "-O", "width=200", str(page)).stdout)


def long_options(text):
    return set(re.findall(r"(?<![\w-])--([a-z][a-z0-9-]*)", text))


def documented_options(page):
    """Options that the page has as items of its own, or in its synopsis."""
    source = page.read_text(encoding="utf-8")
    return set(re.findall(r"\bFl -([a-z][a-z0-9-]*)", source))


def help_of(faults, *command):
    done = run(*command, "--help")
    if done.returncode != 0 or not done.stdout.strip():
        faults.append(f"{' '.join(command)} --help: exit status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def subcommands(text):
    """The names under "Subcommands:" in a help text."""
    names, listening = [], False
    for line in text.split("\n"):
        if re.match(r"subcommands:", line, re.IGNORECASE):
            listening = True
        elif listening and re.match(r"  [a-z]", line):
            names.append(line.split()[0])
        elif listening and line and not line.startswith(" "):
            listening = False
    return names


def compare(name, text, page, faults, also=frozenset()):
    """also: options that the page may tell of, for they are its subcommands'."""
    if not page.is_file():
        faults.append(f"{name}: there is no {page.name}")
        return
    offered = long_options(text)
    shown = long_options(rendered(page))
    for option in sorted(offered - shown - EVERY_COMMAND):
        faults.append(f"{page.name}: does not tell of {name} --{option}")
    for option in sorted(documented_options(page) - offered - also - EVERY_COMMAND):
        faults.append(f"{page.name}: tells of --{option}, which {name} does not have")


def main():
    options = tree.arguments(__doc__, ("--topo", "the program torque-topo"), ("--serve", "the program torque-serve"),
                             ("--load", "the program torque-load"))
    if shutil.which("mandoc") is None:
        tree.skip("mandoc is not installed")
    man = options.root / "man"
    pages = sorted(man.glob("*.[1-8]"))
    faults = []
    for page in pages:
        done = run("mandoc", "-T", "lint", "-W", "warning", str(page))
        if done.returncode != 0 or done.stdout or done.stderr:
            faults.append((done.stdout + done.stderr).strip() or f"{page.name}: mandoc ended with {done.returncode}")
    if options.topo:
        text = help_of(faults, options.topo)
        helps = {name: help_of(faults, options.topo, name) for name in subcommands(text)}
        if not helps:
            faults.append("torque-topo --help lists no subcommands: has its layout changed?")
        theirs = frozenset().union(*map(long_options, helps.values()))
        compare("torque-topo", text, man / "torque-topo.1", faults, theirs)
        for name, said in helps.items():
            compare(f"torque-topo {name}", said, man / f"torque-topo-{name}.1", faults)
    if options.serve:
        compare("torque-serve", help_of(faults, options.serve), man / "torque-serve.8", faults)
    if options.load:
        compare("torque-load", help_of(faults, options.load), man / "torque-load.1", faults)
    tree.report(faults, len(pages))


main()
