"""What manual pages and the README show at a prompt runs as it is written, ends as it should, prints what is shown."""

import os
import re
import shutil
import sys

import example_world
import harness
import mdoc

PAGES = sorted((harness.ROOT / "man").glob("*.[1-8]"))

# Pages whose "this machine" has 20 CPUs: six cores of two threads, eight of one, and eth0.
ABOUT_HYBRID = {"torque-topo.1", "torque-topo-emit.1", "torque-topo-lint.1",
                "torque-topo-plan.1", "torque-topo-profiles.1", "torque-topo-show.1", "torque-tuning.7"}

# Not run, and why. A command at the prompt of root is run by none but these rows' tests.
CHANGES = "writes to the kernel's files; tests/boot/apply.py does it in guests"
LOADER = "writes where the boot loader reads; the format is tested by tests/emit"
INSTALL = "changes what the machine boots; tests/cli/install.py does it to a tree of its own"
NOT_RUN = {
    ("torque-topo-apply.1", "torque-topo apply -l layout.json --yes"): CHANGES,
    ("torque-topo-apply.1", "echo $$ > /sys/fs/cgroup/torque/cgroup.procs"): CHANGES,
    ("torque-topo-apply.1", "torque-topo revert --yes"): CHANGES,
    ("torque-topo-apply.1", "torque-serve --layout layout.json"): "goes with the rows before it",
    ("torque-topo-apply.1", "torque-topo check -l layout.json"): "goes with the rows before it",
    ("torque-topo-revert.1", "torque-topo revert --yes"): CHANGES,
    ("torque-topo-emit.1", "torque-topo emit grub -l layout.json -o /etc/default/grub.d/90-torque.cfg"): LOADER,
    ("torque-topo-emit.1", "update-grub"): LOADER,
    ("torque-topo-install.1", "torque-topo install --layout layout.json --trial --yes"): INSTALL,
    ("torque-topo-install.1", "reboot"): INSTALL,
    ("torque-topo-install.1", "torque-topo check --layout layout.json"): "goes with the rows before it",
    ("torque-topo-install.1", "torque-topo commit --yes"): INSTALL,
    ("torque-topo-commit.1", "torque-topo commit --yes"): INSTALL,
    ("torque-tuning.7", "torque-topo emit grub -l layout.json -o /etc/default/grub.d/90-torque.cfg"): LOADER,
    ("torque-tuning.7", "update-grub"): LOADER,
    ("torque-tuning.7", "torque-topo install --layout layout.json --trial --yes"): INSTALL,
    ("torque-tuning.7", "torque-topo commit --yes"): INSTALL,
    ("torque-tuning.7", "reboot"): "tests/boot does it to guests",
    ("README.md", "sudo torque-topo apply -l layout.json --yes"): CHANGES,
    ("torque.3", ""): "tests/library/library.py runs them with the library installed",
    ("torque-fleet.7", "ansible-playbook"): "tests/examples/fleet.py plays it",
}

# What must be there before: files that the page speaks of and does not make.
LIVE_LAYOUT = "torque-topo plan --workers 1 > layout.json"
TWO_WORKERS = "torque-topo plan --workers 2 --oversubscribe > layout.json 2>&-"  # there may be one CPU for them
LIVE = '"$TOPO" plan --workers 1 > layout.json'  # on a page about another machine
PREPARED = {
    ("README.md", "torque-topo plan --workers 4 --input laptop"): "cp ~/fixtures/plain.tar.bz2 laptop.tar.bz2",
    ("torque-findings.7", "torque-topo show --json -i machine.tar.xz"): "torque-topo gather -o machine.tar.xz",
    ("torque-topo-check.1", "torque-topo check --layout layout.json"): LIVE_LAYOUT,
    ("torque-topo-check.1", "torque-topo plan -w 1 -i web1.tar.xz"):
        "torque-topo gather -o web1.tar.xz && torque-topo gather -i ~/fixtures/hybrid.tar.bz2 -o web2.tar.xz",
    ("torque-topo-measure.1", "torque-topo measure jitter --layout"): LIVE_LAYOUT,
    ("torque-topo-watch.1", "torque-topo watch --layout layout.json"): LIVE_LAYOUT,
    ("torque-topo-run.1", "torque-topo run -l layout.json -w 0"): TWO_WORKERS,
    ("torque-topo.1", "torque-topo emit boot"): "torque-topo plan --workers 4 > layout.json",
    ("torque-topo-emit.1", "sh taskset.sh"):
        '"$TOPO" plan --workers 3 --oversubscribe 2>&- | "$TOPO" emit taskset --layout - > taskset.sh',
    ("torque-topo-diff.1", "torque-topo diff old.tar.xz"):
        "torque-topo gather -i ~/fixtures/hybrid.tar.bz2 -o old.tar.xz && torque-topo gather -o new.tar.xz && cp new.tar.xz server.tar.xz",
    ("torque-tuning.7", "torque-serve --layout"): LIVE,
    ("torque-tuning.7", "torque-topo run --layout layout.json -- ./server"): LIVE,
    ("torque-tuning.7", "torque-topo plan --workers 4 --keep"): "torque-topo plan --workers 4 > layout.json",
}

# Other exit statuses than 0, and why.
NOT_BOOTED = "no machine that runs the tests was booted with the layout's line"
FOUND = {
    ("torque-topo-check.1", "torque-topo check --layout"): ({4}, NOT_BOOTED),
    ("torque-topo-check.1", "torque-topo check -l fleet.json"): ({4}, "the copies are from before the reboot"),
    ("torque-topo-check.1", "torque-topo check -l layout.json --json"): ({1}, NOT_BOOTED),
    ("torque-tuning.7", "sudo torque-topo check"): ({4}, NOT_BOOTED),
    ("torque-boot-lines.7", "torque-topo lint -i"): ({4}, "the line is wrong"),
    ("torque-topo-lint.1", "torque-topo lint 'isolcpus"): ({4}, "the line is wrong"),
    ("torque-tuning.7", 'torque-topo lint "$(cat /proc/cmdline)'): ({0, 4}, "the machine's own line may have faults"),
    ("README.md", "torque-topo check"): ({4}, NOT_BOOTED),
    ("README.md", "torque-topo lint"): ({0, 4}, "the machine's own line may have faults"),
    ("torque-fleet.7", "torque-topo check -l fleet.json"): ({4}, NOT_BOOTED),
    ("torque-topo-lint.1", "torque-topo lint"): ({0, 4}, "the machine's own line may have faults"),
    ("torque-topo-diff.1", "torque-topo diff old"): ({4}, "the two differ"),
    ("torque-topo-diff.1", "torque-topo diff server"): ({4}, "the two differ"),
}

# Run until somebody ends them: when they have begun.
SERVES = example_world.World.listens
LASTING = {
    ("README.md", "torque-serve --layout layout.json"): SERVES,
    ("torque-load.1", "torque-serve --layout layout.json"): SERVES,
    ("torque-serve.8", "torque-serve --layout layout.json --listen"): SERVES,
    ("torque-tuning.7", "torque-serve --layout layout.json"): SERVES,
    ("torque-topo-watch.1", "torque-topo watch --layout layout.json"): lambda world: True,
    ("torque-topo-watch.1", "torque-topo watch -l layout.json --json"): lambda world: True,
}

# What is shown of another time or another machine.
NOT_COMPARED = {("torque-topo-watch.1", "torque-topo watch --layout layout.json"): "has the time in it"}

TOOLS = ("jq", "curl")
TABLES = (NOT_RUN, PREPARED, FOUND, LASTING, NOT_COMPARED)


def row_of(table, page, text):
    """The key of the row for this command: the page, and how the command begins."""
    fitting = [key for key in table if key[0] == page and text.startswith(key[1])]
    return max(fitting, key=lambda key: len(key[1]), default=None)


def has_rings():
    return harness.run([harness.options.serve, "--features"]).status == 0


def has_jsonschema():
    return harness.run([sys.executable, "-c", "import jsonschema"]).status == 0


def missing(text):
    """What the command needs and this machine lacks."""
    for tool in TOOLS:
        if re.search(rf"\b{tool} ", text) and not shutil.which(tool):
            return f"{tool} is not installed"
    if "import json, jsonschema" in text and not has_jsonschema():
        return "python3-jsonschema is not installed"
    if re.search(r"torque-(serve|load) |curl ", text) and not has_rings():
        return "io_uring is forbidden or missing here"
    return None


class Examples(harness.TestCase):
    used = set()  # rows

    def take(self, table, page, text):
        key = row_of(table, page, text)
        if key is None:
            return None
        self.used.add((TABLES.index(table), key))
        return table[key]

    def run_command(self, world, page, command):
        reason = self.take(NOT_RUN, page, command.text) or missing(command.text)
        if reason:
            print(f"{page}: skipped: {mdoc.squeezed(command.text)[:80]}: {reason}")
            return
        self.assertFalse(command.is_root, "nobody runs what stands at the prompt of root: see NOT_RUN")
        if prepare := self.take(PREPARED, page, command.text):
            status, said = world.run(prepare)
            self.assertEqual(status, 0, f"{prepare}: {said}")
        if is_ready := self.take(LASTING, page, command.text):
            said = world.keep_running(command.text.removesuffix("&"), is_ready)
            self.take(NOT_COMPARED, page, command.text)
            self.assertIsNone(said, "it ended")
            return
        wanted, _ = self.take(FOUND, page, command.text) or ({0}, "")
        status, said = world.run(command.text.removesuffix("&"))
        self.assertIn(status, wanted, said[-2000:])
        if command.printed:
            self.assertTrue(mdoc.is_shown(command.printed, said), f"the page shows\n{command.printed}\nand it printed\n{said[-2000:]}")

    def run_page(self, page):
        world = example_world.World({"topo": harness.options.topo, "serve": harness.options.serve,
                                     "load": harness.options.load}, page.name in ABOUT_HYBRID)
        world.environment["TOPO"] = harness.options.topo
        self.addCleanup(world.close)
        for command in mdoc.commands(page):
            with self.subTest(page=page.name, command=command.text):
                self.run_command(world, page.name, command)

    def test_every_page_has_examples_at_a_prompt(self):
        self.assertTrue(PAGES)
        for page in PAGES:
            with self.subTest(page.name):
                self.assertIn("\n.Sh EXAMPLES\n", page.read_text(encoding="utf-8"))
                self.assertTrue(mdoc.commands(page))
                self.assertEqual(mdoc.unprompted(page), [], "nobody can run these")

    def test_examples_run(self):
        if len(os.sched_getaffinity(0)) < 2:
            self.skipTest("a worker and the rest want two CPUs")
        for page in [*PAGES, harness.ROOT / "README.md"]:
            self.run_page(page)
        rows = {(index, key) for index, table in enumerate(TABLES) for key in table}
        if has_rings() and all(map(shutil.which, TOOLS)):
            self.assertEqual(rows - self.used, set(), "rows for commands that no page has")


if __name__ == "__main__":
    harness.main()
