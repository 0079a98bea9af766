"""torque-boot-lines(7): the measured boot lines as a manual page, a block for each."""

import re

import cpus
import facts

PATH = "man/torque-boot-lines.7"
POSSIBLE = set(range(20))

HEAD = r""".\" Written by tests/boot/table.py --write from boots of the kernels.
.Dd November 21, 2026
.Dt TORQUE-BOOT-LINES 7
.Os
.Sh NAME
.Nm torque-boot-lines
.Nd boot lines and what the kernel made of them, measured
.Sh DESCRIPTION
Each line below was given to
.Xr torque-topo-lint 1
and then booted, on Debian's kernels 6.1 and 6.12, in a machine of 20 CPUs, ten
cores of two threads.
What lint had said was what the kernel did, in every case.
Then
.Xr torque-topo-check 1
was run, with a layout whose boot line is the line as it was meant, and found
what is told.
.Pp
Of the kernel is told what differs from a boot without any such line: isolated
CPUs, those without tick
.Pq nohz_full ,
those whose RCU callbacks are offloaded, the CPUs of interrupts by default, of
process 1, of unbound kernel threads, of unbound work, and the words that the
kernel handed to process 1.
The machine and the tests are in
.Pa tests/boot
of the source.
.Sh LINES
.Bl -tag -width Ds
"""

TAIL = r""".El
.Sh EXAMPLES
The first of the lines, on a machine of 20 CPUs that there need not be:
.Dl $ torque-topo lint -i 'pack:1 core:10 pu:2' 'isolcpus=managed_irq,domain:4-11'
.Sh SEE ALSO
.Xr torque-topo-check 1 ,
.Xr torque-topo-lint 1 ,
.Xr torque-topo-plan 1
"""

PLAIN = {"isolated": set(), "nohz_full": set(), "rcu_nocbs": set(), "irq_affinity": POSSIBLE, "init_cpus": POSSIBLE,
         "kernel_threads": POSSIBLE, "unbound_workqueues": POSSIBLE}
WORDS = {"isolated": "isolated", "nohz_full": "nohz_full", "rcu_nocbs": "RCU offloaded", "irq_affinity": "interrupts",
         "init_cpus": "process 1", "kernel_threads": "kernel threads", "unbound_workqueues": "unbound work"}


def escaped(text):
    """As text of a manual page; a word of two capitals or a dot at a line's beginning would be a macro."""
    return text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq")


def kernel_text(effect):
    parts = [f"{WORDS[name]} {cpus.to_list(effect[name])}" for name, plain in PLAIN.items() if effect[name] != plain]
    if effect["rcu_nocb_poll"] and effect["rcu_nocbs"]:
        parts.append("polled")
    if effect["for_init"]:
        parts.append(f"to process 1 went {' '.join(effect['for_init'])}")
    return ", ".join(parts) or "as if it were not there"


def lint_text(document):
    faults = [f"{one['id']} ({one['severity']})" for one in document["findings"]]
    text = ", ".join(faults) or "no fault"
    if document["mended"] is not None:
        text += f"; mended: {document['mended'] or 'nothing is left'}"
    return text


def merged(texts):
    """[(kernel's series, text)] as one entry where all texts are the same."""
    alike = len({text for _, text in texts}) == 1
    return [("", texts[0][1])] if alike else [(f" {series}", text) for series, text in texts]


def entries(label, texts):
    return "".join(f".It {label}{series}\n{escaped(text)}\n" for series, text in merged(texts))


def lint_entries(rows):
    return entries("Lint", [(row.kernel.series, lint_text(row.lint)) for row in rows])


def expected_parts(rows):
    """What the block of these rows holds, as far as lint alone tells. Words behind two dashes are process 1's in any case."""
    real = []
    for row in rows:
        behind = [word for word in row.text.partition(" -- ")[2].split() if facts.is_isolation(word)]
        said = {**row.said, "for_init": sorted(row.said["for_init"] + behind)}
        real.append((row.kernel.series, kernel_text(said)))
    return [lint_entries(rows), entries("Kernel", real)]


def block(rows, found_text):
    """rows: one line on each kernel, booted; found_text(row): what check had to say."""
    line = rows[0].line
    found = [(row.kernel.series, found_text(row)) for row in rows]
    text = (f'.It Li "{escaped(line.text)}"\n.\\" {line.name}\n{line.about}\n.Bl -tag -width "Kernel 6.12" -compact\n'
            f"{lint_entries(rows)}")
    text += entries("Kernel", [(row.kernel.series, kernel_text(row.real)) for row in rows])
    return text + entries("Check", found) + ".El\n"


def write(root, names, blocks):
    """blocks: new ones, by their lines' names; the others stay as they are. names: of all, in their order."""
    blocks = {**read(root), **blocks}
    text = HEAD + "".join(blocks[name] for name in names if name in blocks) + TAIL
    (root / PATH).write_text(text, encoding="utf-8")


def read(root):
    """The blocks of the page by their lines' names."""
    path = root / PATH
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    found = re.finditer(r'^\.It Li .*\n\.\\" (\S+)\n(?:.*\n)*?\.El\n', text, re.MULTILINE)
    return {one.group(1): one.group() for one in found}
