"""show --format html in a browser: it asks for nothing, tells no error, folds, shows the plan, and needs no mouse."""

import json
import tempfile
import unittest

import browser
import harness
from harness import TestCase, topo

EPYC = "pack:2 numa:1 l3:12 l2:8 core:1 pu:2"  # 384 CPUs
HUGE = "pack:8 numa:1 l3:16 core:8 pu:1"       # 1,024 CPUs

SHOWN = "[...document.querySelectorAll('#tree .cpu')].filter(cpu => cpu.getClientRects().length > 0).map(cpu => +cpu.id.slice(3))"

# Presses a key at whatever has the focus until the focus stays where it is, and gives the ids that it passed.
WALK = """(key => {
  const passed = [];
  for (;;) {
    const at = document.activeElement;
    passed.push(at.id);
    at.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));
    if (document.activeElement === at) return passed;
  }
})"""


@unittest.skipUnless(browser.program(), "chromium is not installed")
class Pages(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.profile = tempfile.TemporaryDirectory(prefix="torque-", ignore_cleanup_errors=True)
        cls.browser = browser.Browser(cls.profile.name)

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        cls.profile.cleanup()

    def page(self, machine, *plan, part=""):
        """Opens the page of the machine, with a plan if words for one are given; gives its CPUs."""
        words = ["--input", machine] if machine else []
        path = self.folder / "page.html"
        layout = []
        if plan:
            layout = ["--layout", self.folder / "layout.json"]
            self.assertEqual(topo("plan", *plan, *words, "-o", layout[1]).status, 0)
        self.assert_ok(topo("show", "--format", "html", *words, *layout, "-o", path))
        self.browser.open(path, part)
        return [cpu["id"] for cpu in json.loads(topo("show", "--json", *words).out)["cpus"]]

    def run_js(self, script):
        return self.browser.run(script)

    def assert_quiet(self):
        """No error in the console, and nothing asked for but the file itself."""
        self.run_js("1")  # what was said before has arrived
        self.assertEqual(self.browser.faults, [])
        outside = [url for url in self.browser.requests if not url.startswith(("file:", "data:"))]
        self.assertEqual(outside, [])
        files = {url for url in self.browser.requests if url.startswith("file:")}
        self.assertEqual(len(files), 1, files)

    def assert_walk_reaches(self, cpus):
        """Tab reaches the picture, and from there the arrow keys reach every CPU."""
        self.run_js("document.activeElement.blur(); document.getElementById('unfold').click()")
        for _ in range(20):
            if self.run_js("!!document.activeElement.closest('#tree')"):
                break
            self.browser.press("Tab")
        self.assertTrue(self.run_js("!!document.activeElement.closest('#tree')"))
        passed = self.run_js(WALK + "('ArrowDown')")
        self.assertEqual(sorted(int(word[3:]) for word in passed if word.startswith("cpu")), cpus)
        self.assertEqual(self.run_js("document.querySelectorAll('#tree [tabindex=\"0\"]').length"), 1)
        back = self.run_js(WALK + "('ArrowLeft')")
        self.assertLess(len(back), 20)

    def test_machines(self):
        """The live one, two packages, a hybrid, one with offline CPUs, and large ones."""
        names = ["two-sockets", "hybrid", "offline-siblings", "cxl-memory", "nic-on-node-1"]
        for machine in [None, *map(self.machine, names), EPYC, HUGE]:
            with self.subTest(str(machine)):
                cpus = self.page(machine)
                self.assert_walk_reaches(cpus)
                self.assert_quiet()

    def test_every_part_tells_facts(self):
        self.page(self.machine("nic-on-node-1"))
        untold = self.run_js("""[...document.querySelectorAll('#tree [role=treeitem]:not(.fold)')].filter(item => {
            item.focus();
            return document.querySelectorAll('#facts dt').length === 0;
        }).map(item => item.id)""")
        self.assertEqual(untold, [])
        self.run_js("document.getElementById('cpu9').focus()")
        facts = self.run_js("document.getElementById('facts').innerText")
        for words in ("node", "L3", "24.75 MiB", "from /sys/devices/system/cpu/cpu*/cache/index*"):
            self.assertIn(words, facts)

    def test_plan_is_shown_and_hidden(self):
        self.page(self.machine("hybrid"), "--workers", "4")
        look = ("(() => { const cpu = document.getElementById('cpu4'), style = getComputedStyle(cpu);"
                "return [style.backgroundColor, cpu.innerText.trim().split(/\\s+/).join(' '), cpu.getAttribute('aria-label')] })()")
        with_plan = self.run_js(look)
        self.assertEqual(with_plan[1:], ["4 w0", "CPU 4, P core 2, worker 0"])
        self.run_js("document.getElementById('overlay').focus()")
        self.browser.press(" ", " ")
        without = self.run_js(look)
        self.assertEqual(without[1:], ["4", "CPU 4, P core 2"])
        self.assertNotEqual(with_plan[0], without[0])
        self.browser.press(" ", " ")
        self.assertEqual(self.run_js(look), with_plan)
        self.assert_quiet()

    def test_folds(self):
        cpus = self.page(HUGE)
        at_first = self.run_js(SHOWN)
        self.assertLessEqual(len(at_first), 128)
        self.run_js("document.getElementById('unfold').click()")
        self.assertEqual(sorted(self.run_js(SHOWN)), cpus)
        self.run_js("document.getElementById('fold').click()")
        self.assertEqual(self.run_js(SHOWN), [0])
        expanded = "document.querySelector('.fold').getAttribute('aria-expanded')"
        self.assertEqual(self.run_js(expanded), "false")
        self.run_js("document.querySelector('.fold').focus()")
        self.browser.press("Enter")
        self.assertEqual(self.run_js(expanded), "true")
        self.assertEqual(len(self.run_js(SHOWN)), 8)
        self.assert_quiet()

    def test_finds_a_folded_cpu(self):
        self.page(HUGE)
        self.run_js("document.getElementById('find').focus()")
        for digit in "1023":
            self.browser.press(digit, digit)
        self.browser.press("Enter", "\r")
        self.assertEqual(self.run_js("document.activeElement.id"), "cpu1023")
        self.assertIn(1023, self.run_js(SHOWN))

    def test_opens_at_a_cpu(self):
        self.page(HUGE, part="#cpu1000")
        self.assertEqual(self.run_js("document.activeElement.id"), "cpu1000")
        self.assertIn("CPU 1000", self.run_js("document.getElementById('what').textContent"))

    def test_zoom_and_theme(self):
        self.page(self.machine("hybrid"))
        width = "document.getElementById('cpu4').getBoundingClientRect().width"
        before = self.run_js(width)
        self.run_js("document.querySelector('.k-machine').focus()")
        self.browser.press("+", "+")
        self.assertGreater(self.run_js(width), before * 1.2)
        paper = "getComputedStyle(document.body).backgroundColor"
        seen = set()
        for _ in range(3):
            self.run_js("document.getElementById('theme').click()")
            seen.add(self.run_js(paper))
        self.assertEqual(len(seen), 2)

    def test_hostile_names(self):
        """What a document says is text, wherever it is shown."""
        machine = json.loads(topo("show", "--json", "--input", self.machine("nic-on-node-1")).out)
        evil = "</script><img src=x onerror=\"document.title='hit'\"><script>document.title='hit'</script>'&\x01"
        machine["host"]["model"] = machine["host"]["kernel"] = machine["host"]["cmdline"] = evil
        machine["types"][0]["brand"] = evil
        machine["findings"] = [{"id": "x" + evil, "severity": "info", "message": evil, "hint": evil, "sources": [evil]}]
        for device in machine["devices"]:
            device.update(name=evil, vendor=evil, model=evil, driver=evil)
        path = self.folder / "evil.json"
        path.write_text(json.dumps(machine))
        self.page(path)
        self.run_js("document.querySelectorAll('#tree [role=treeitem]').forEach(item => item.focus())")
        self.assertNotEqual(self.run_js("document.title"), "hit")
        self.assertEqual(self.run_js("document.querySelectorAll('img').length"), 0)
        self.assert_quiet()


if __name__ == "__main__":
    harness.main()
