"""The commands that manual pages show at a prompt, with what the page says they print."""

import re
import shutil
import subprocess
from dataclasses import dataclass, field

PROMPT = re.compile(r"(?:[a-z]+)?([$#]) (.*)")
ESCAPES = {r"\(dq": '"', r"\&": "", r"\e": "\\", r"\-": "-", r"\(aq": "'"}


@dataclass
class Command:
    text: str
    is_root: bool  # at the prompt #
    printed: list = field(default_factory=list)  # the lines that follow in the page


def plain(line):
    return re.sub(r"\\(\(..|.)", lambda found: ESCAPES[found[0]], line)


def literal_blocks(text):
    """(section, lines) of each .Dl and each .Bd -literal."""
    section, block = "", None
    for line in text.split("\n"):
        if line.startswith(".Sh "):
            section = line[4:]
        elif line.startswith(".Dl "):
            yield section, [plain(line[4:])]
        elif line.startswith(".Bd -literal"):
            block = []
        elif line == ".Ed" and block is not None:
            yield section, block
            block = None
        elif block is not None:
            block.append(plain(line))


def is_complete(command):
    """Whether the shell waits for no more of it: a quote, a here-document, the other end of a pipe, another line."""
    if command.endswith("\\"):
        return False
    done = subprocess.run([shutil.which("bash"), "-n", "-c", command], capture_output=True, text=True, check=False)
    return done.returncode == 0 and not done.stderr


def commands_of(lines):
    """Those at a prompt, in order; a line without a prompt goes on with a command, or is what it prints."""
    commands = []
    for line in lines:
        prompt = PROMPT.fullmatch(line)
        if commands and not is_complete(commands[-1].text):
            commands[-1].text += "\n" + line
        elif prompt:
            commands.append(Command(prompt[2], prompt[1] == "#"))
        elif commands:
            commands[-1].printed.append(line)
    return commands


def readme_commands(page):
    """Of a page of Markdown: those in indented blocks at a prompt, and our programs without one."""
    lines = [line[4:] for line in page.read_text(encoding="utf-8").split("\n") if line.startswith("    ")]
    ours = re.compile(r"(sudo )?torque-(topo|serve|load) ")
    return commands_of(["$ " + line if ours.match(line) else line for line in lines])


def commands(page):
    """All of the page's, wherever they stand."""
    if page.suffix == ".md":
        return readme_commands(page)
    return [command for _, lines in literal_blocks(page.read_text(encoding="utf-8")) for command in commands_of(lines)]


def unprompted(page):
    """Blocks among the EXAMPLES that have no prompt, so that nobody runs them."""
    return [lines for section, lines in literal_blocks(page.read_text(encoding="utf-8"))
            if section == "EXAMPLES" and not commands_of(lines)]


def squeezed(text):
    return " ".join(text.split())


def is_shown(printed, said):
    """Whether it said what the page shows, wherever that breaks lines; three dots stand for anything."""
    pattern = ".*?".join(re.escape(squeezed(part)) for part in "\n".join(printed).split("..."))
    return re.search(pattern, squeezed(said), re.S) is not None
