"""Every document of the program against its schema, and the schemas against documents that they must refuse."""

import copy
import json
import re

import harness
import machines
from harness import ROOT, topo

try:
    import jsonschema
except ImportError:
    jsonschema = None

SCHEMAS = ROOT / "src" / "layout" / "schemas"
PROFILES = ROOT / "profiles"
PLANS = (["--workers", "1"], ["--workers", "auto"], ["--workers", "4", "--class", "any", "--smt", "use"],
         ["--workers", "2", "--policy", "huddle", "--isolate", "rest", "--smt", "offline"])


def schema(kind):
    return json.loads((SCHEMAS / f"torque.{kind}-1.schema.json").read_text())


def without_comments(text):
    """JSON of JSON with // comments: those between, not in, strings."""
    return re.sub(r'("(?:\\.|[^"\\])*")|//[^\n]*', lambda match: match.group(1) or "", text)


def members(document, path=()):
    """The path of every member and element of a document."""
    items = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    for key, value in items:
        yield path + (key,)
        yield from members(value, path + (key,))


def parent_of(document, path):
    for key in path[:-1]:
        document = document[key]
    return document


class Schemas(harness.TestCase):
    def setUp(self):
        super().setUp()
        if jsonschema is None:
            self.skipTest("python3-jsonschema is not installed")

    def validator(self, kind):
        jsonschema.Draft202012Validator.check_schema(schema(kind))
        return jsonschema.Draft202012Validator(schema(kind))

    def assert_valid(self, validator, document, what):
        faults = [f"{what}: /{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
                  for error in validator.iter_errors(document)]
        self.assertEqual(faults, [])

    def test_the_document_of_every_machine(self):
        validator, seen = self.validator("machine"), 0
        for name in machines.names():
            done = topo("show", "--json", "-i", self.machine(name))
            if done.status == 0:
                self.assert_valid(validator, json.loads(done.out), name)
                seen += 1
        self.assertGreater(seen, 15)

    def test_the_document_of_this_machine(self):
        self.assert_valid(self.validator("machine"), json.loads(topo("show", "--json").out), "live")

    def test_the_layouts_of_every_machine(self):
        validator, seen = self.validator("layout"), 0
        for name in machines.names():
            machine = self.machine(name)
            for words in PLANS:
                done = topo("plan", *words, "-i", machine)
                if done.status == 0:
                    self.assert_valid(validator, json.loads(done.out), f"{name} {words}")
                    seen += 1
        self.assertGreater(seen, 40)

    def test_the_layouts_of_a_fleet(self):
        layout = self.validator("layout")
        done = topo("plan", "-w", "1", "-i", self.machine("hybrid"), "-i", self.machine("two-sockets"))
        fleet = json.loads(done.out)
        self.assert_valid(self.validator("fleet"), fleet, "fleet")
        for target in fleet["targets"]:
            self.assert_valid(layout, target["layout"], target["input"])

    def test_the_profiles(self):
        validator, files = self.validator("profile"), sorted(PROFILES.glob("*.json"))
        self.assertNotEqual(files, [])
        for path in files:
            self.assert_valid(validator, json.loads(without_comments(path.read_text())), path.name)

    def latencies(self):
        file = self.folder / "latencies.csv"
        file.write_text("\n" + "\n".join(",".join("20" if a // 4 == b // 4 else "90" for b in range(a)) for a in range(1, 8)))
        return file

    def test_what_is_measured(self):
        validator = self.validator("measure")
        document = json.loads(topo("measure", "cores", "--matrix", self.latencies(), "--json").out)
        self.assertEqual(len(document["levels"]), 1)
        self.assert_valid(validator, document, "cores")
        done = topo("measure", "cores", "--budget", "100ms", "--json")
        if done.status == 0:  # not too busy, and more than one CPU
            self.assert_valid(validator, json.loads(done.out), "live")
        done = topo("measure", "smt", "--budget", "100ms", "--json")
        if done.status == 0:  # more than one CPU
            self.assert_valid(validator, json.loads(done.out), "smt")
        for kind in ("cache", "memory"):
            done = topo("measure", kind, "--budget", "200ms", "--json")
            self.assert_ok(done)
            self.assert_valid(validator, json.loads(done.out), kind)
        files = [self.folder / "before.json", self.folder / "after.json"]
        for file in files:
            self.assert_ok(topo("measure", "jitter", "--budget", "100ms", "--json", "-o", file))
            self.assert_valid(validator, json.loads(file.read_text()), "jitter")
        compared = topo("measure", "jitter", "--before", files[0], "--after", files[1], "--json")
        self.assert_valid(validator, json.loads(compared.out), "comparison")

    def test_the_schemas_are_strict(self):
        """Whatever member one takes away or adds, and whatever one replaces by a value of another type, it is seen."""
        machine = self.machine("cxl-memory")
        documents = {"machine": json.loads(topo("show", "--json", "-i", machine).out),
                     "layout": json.loads(topo("plan", "-w", "4", "-i", machine).out),
                     "measure": json.loads(topo("measure", "cores", "--matrix", self.latencies(), "--json").out),
                     "measure cache": json.loads(topo("measure", "cache", "--budget", "200ms", "--json").out),
                     "measure memory": json.loads(topo("measure", "memory", "--budget", "200ms", "--json").out),
                     "measure jitter": json.loads(topo("measure", "jitter", "--budget", "100ms", "--json").out)}
        for kind, document in documents.items():
            validator = self.validator(kind.split()[0])
            self.assert_valid(validator, document, kind)
            one_each = {tuple("*" if isinstance(key, int) else key for key in path): path for path in members(document)}
            for path in one_each.values():
                for change in ("take", "add", "replace"):
                    if change != "replace" and isinstance(path[-1], int):
                        continue
                    changed = copy.deepcopy(document)
                    parent = parent_of(changed, path)
                    if change == "take":
                        del parent[path[-1]]
                    elif change == "add":
                        parent["stranger"] = 1
                    else:
                        parent[path[-1]] = {"stranger": 1}
                    with self.subTest(kind=kind, path=path, change=change):
                        self.assertFalse(validator.is_valid(changed))


if __name__ == "__main__":
    harness.main()
