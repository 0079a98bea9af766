"""`torque-topo emit`: the list, where a layout comes from, and what is refused."""

import json

import layouts
from harness import ROOT, main, topo

try:
    import jsonschema
except ImportError:
    jsonschema = None

# Texts that would be commands or settings, if they reached a text as they are.
# They hand it on as a value, and refuse one that torque would not make.
FINGERPRINTED = ("nfd", "ansible")

HOSTILE = ("x\nreboot\n", "$(reboot)", "`reboot`", "a' b\" c\\", "x -->\n<cpu/>", "\r\n[Service]\nExecStart=/bin/sh", "\u2028\u0000\u001b[2J")


def names():
    return [row["name"] for row in json.loads(topo("emit", "--json").out)["formats"]]


class Command(layouts.TestCase):
    def test_the_list_is_aligned_and_the_same_as_the_document(self):
        done = topo("emit")
        self.assert_ok(done)
        document = json.loads(topo("emit", "--list", "-J").out)
        self.assertEqual(document["schema"], "torque.formats/1")
        lines, rows = done.out.splitlines(), document["formats"]
        self.assertEqual([line.split()[0] for line in lines], [row["name"] for row in rows])
        columns = {line.index(f"  {row['program']}  "[1:]) for line, row in zip(lines, rows)}
        self.assertEqual(len(columns), 1)
        self.assertLessEqual(max(map(len, lines)), 100)
        self.assertEqual(topo("emit", "nginx", "--list").out, done.out)

    def test_the_document_follows_its_schema(self):
        if jsonschema is None:
            self.skipTest("python3-jsonschema is not installed")
        schema = json.loads((ROOT / "src" / "layout" / "schemas" / "torque.formats-1.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        document = json.loads(topo("emit", "--json").out)
        self.assertEqual([error.message for error in validator.iter_errors(document)], [])
        del document["formats"][0]["file"]
        self.assertFalse(validator.is_valid(document))

    def test_the_manual_has_every_format(self):
        manual = (ROOT / "man" / "torque-topo-emit.1").read_text()
        for name in names():
            self.assertIn(f"\n.It Cm {name}\n", manual)

    def test_a_layout_from_a_file_and_from_standard_input_is_the_same(self):
        layout = self.plan("hybrid", "4")
        done = topo("emit", "nginx", "--layout", layout)
        self.assert_ok(done)
        with layout.open() as stdin:
            self.assertEqual(topo("emit", "nginx", "-l", "-", stdin=stdin).out, done.out)
        self.assert_ok(topo("emit", "nginx", "-l", layout, "-o", self.folder / "out"))
        self.assertEqual((self.folder / "out").read_text(), done.out)

    def test_what_is_wrong_is_said(self):
        layout = self.plan("hybrid", "4")
        self.assert_fails(topo("emit", "ngnix", "-l", layout), 2, "ngnix", "did you mean nginx?")
        self.assert_fails(topo("emit", "frobnicate"), 2, "frobnicate", "haproxy")
        self.assert_fails(topo("emit", "nginx"), 2, "--layout", "torque-topo emit nginx")
        self.assert_fails(topo("emit", "nginx", "--layot", layout), 2, "did you mean --layout")
        self.assert_fails(topo("emit", "nginx", "-l", layout, "--json"), 2, "--json")
        self.assert_fails(topo("emit", "nginx", "haproxy", "-l", layout), 2, "haproxy")
        self.assert_fails(topo("emit", "nginx", "-l", self.folder / "none"), 1, "none", "No such file", "torque-topo plan")
        self.assert_fails(topo("emit", "nginx", "-l", self.folder), 1, str(self.folder))
        self.assert_fails(topo("emit", "nginx", "-l", "-"), 1, "standard input is empty")
        self.assert_fails(topo("emit", "nginx", "-l", self.machine("hybrid")), 1, "hybrid.tar")

    def test_a_layout_without_a_boot_line_says_what_else_there_is(self):
        layout = self.plan("hybrid", "4", "--profile", "runtime")
        self.assert_fails(topo("emit", "grub", "-l", layout), 1, "layout.json: grub is about the boot line", "emit cgroup")
        self.assert_ok(topo("emit", "cgroup", "-l", layout))

    def test_texts_of_a_layout_reach_no_format(self):
        """With hostile texts wherever a layout has any, all but the comment that names the plan stays as it is."""
        path = self.plan("two-sockets", "8")
        clean = {name: topo("emit", name, "-l", path).out.splitlines() for name in names()}
        document = json.loads(path.read_text())
        for text in HOSTILE:
            document["machine"].update(fingerprint=text, model=text)
            document["request"]["near"] = text
            document["profile"]["name"] = text
            document.update(leftovers=[text], warnings=[text], decisions=[{"rule": text, "why": text}],
                            runtime=[{"path": text, "value": text, "why": text}])
            for argument in document["boot"]["args"]:
                argument.update(why=text, price=text, needs=text)
            path.write_text(json.dumps(document))
            for name, lines in clean.items():
                with self.subTest(format=name, text=text):
                    done = topo("emit", name, "-l", path)
                    if name in FINGERPRINTED:
                        self.assert_fails(done, 1, "/machine/fingerprint")
                        continue
                    self.assert_ok(done)
                    now = done.out.splitlines()
                    self.assertEqual(len(now), len(lines))
                    changed = [line for old, line in zip(lines, now) if old != line]
                    self.assertEqual(len(changed), 0 if name == "boot" else 1)
                    for line in changed:
                        self.assertRegex(line, r"\A(# |<!-- )By torque-topo, from the plan for machine [\w.:+?-]*, profile "
                                               r"[\w.:+?-]*, 8 workers\.\Z")

    def test_a_boot_line_that_could_be_misread_is_refused(self):
        path = self.plan("hybrid", "4")
        document = json.loads(path.read_text())
        line = document["boot"]["cmdline"]
        for text in (*HOSTILE, "4-11 init=/bin/sh", "4-11;reboot"):
            value = "managed_irq,domain," + text
            document["boot"]["args"][0]["value"] = value
            for cmdline in (line, line.replace("managed_irq,domain,4-11", value), text):
                document["boot"]["cmdline"] = cmdline
                path.write_text(json.dumps(document))
                for name in ("boot", "grub", "grubby", "bls", "systemd-boot", "kernelstub", "rpm-ostree", "bootc"):
                    with self.subTest(format=name, text=text):
                        self.assert_fails(topo("emit", name, "-l", path), 1, "layout.json: /boot/")


if __name__ == "__main__":
    main()
