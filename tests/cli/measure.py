"""torque-topo measure: groups of CPUs from tables of latencies, made up ones and those of real machines."""

import collections
import json
import os
import platform
import re
import shutil
import subprocess
import unittest

import harness
from harness import topo

BOUNCE = "_ZN6torque7measure6bounceERNS0_4LineEjjj"
MULTIPLY = "_ZN6torque7measure8multiplyEm"
CHASE = "_ZN6torque7measure5chaseEPNS0_4CellEm"
STREAM = "_ZN6torque7measure6streamEPKSt4bytem"
WATCH_GAPS = "_ZN6torque7measure14watch_gaps_tscERNS0_6GapLogEm"
REAL = harness.ROOT.parent / "shared" / "corpus" / "c2c-latency"

# The start of the file's name, and the sizes of the groups of each level, as "24x2": 24 groups of two CPUs. The
# comment says what the machine's name says, where that is not what was found.
MACHINES = (
    ("AMD_EPYC_74F3", "24x2 8x6"),
    ("AMD_FX-8300", "4x2"),  # modules
    ("AMD_Ryzen_5800X3D", "8x2"),
    ("AMD_Ryzen_5_3500X", "2x3"),
    ("AMD_Ryzen_5_5500", ""),  # 6x2: the table has its lowest values all over, 10 to 22 ns
    ("AMD_Ryzen_7_2700X", "8x2 2x8"),
    ("AMD_Ryzen_7_PRO_5850U", "8x2"),
    ("AMD_Ryzen_9_3900X", "12x2 4x6"),
    ("AMD_Ryzen_9_5950X", "16x2 2x16"),
    ("AMD_Ryzen_9_7950X_16", "1x3+14x2+1x1 2x16"),  # 16x2: steps of 5 ns, 28 as near to 20 and 21 as to 29
    ("AMD_Ryzen_9_7950X_by", "1x3+14x2+1x1 2x16"),  # the same numbers once more
    ("AMD_Ryzen_9_9950X", "2x16"),  # 16x2 as well: threads of a core are as far apart as cores
    ("AMD_Ryzen_Threadripper_1950X", "16x2 4x8"),
    ("AMD_Ryzen_Threadripper_3960X", "23x2+2x1 8x6"),  # 24x2: the first pair measured is slower in the table than the others, here and below
    ("AMD_Ryzen_Threadripper_PRO_3945WX", "12x2 4x6"),
    ("AWS_Graviton2", ""),
    ("AWS_Graviton3", ""),
    ("Apple.M1.Air", ""),  # 2x4: its threads cannot be bound to CPUs
    ("Apple_M1_Pro", "2x3+2x1"),  # likewise
    ("Dual_AMD_EPYC_7302", "32x2 16x4 2x32"),
    ("Dual_AMD_EPYC_7702", "32x4 2x64"),
    ("Dual_AMD_EPYC_7742", "127x2+2x1 32x8 2x128"),  # 128x2: the first pair again
    ("Dual_AMD_EPYC_7763", "128x2 16x16 2x128"),
    ("Dual_AMD_EPYC_9454", "96x2 16x12 2x96"),
    ("Dual_AMD_EPYC_9654", "24x8 2x96"),
    ("Dual_AMD_EPYC_9754", "256x2 32x16 2x256"),
    ("Dual_Ampere_Altra_Processor_Q80-30_CPU_3.0GHz_NUMA", "40x2"),  # neighbours on the mesh
    ("Dual_Ampere_Altra_Processor_Q80-30_CPU_3.0GHz_by", "40x2"),
    ("Dual_IBM_Power7", "2x8"),
    ("Dual_IBM_Power9", "16x8 2x64"),  # pairs of cores; their threads are no quicker
    ("Dual_IntelR_XeonR_CPU_E5-2630", "19x2+2x1 2x20"),  # 20x2: the first pair
    ("Dual_IntelR_XeonR_CPU_X5650", "12x2 2x12"),
    ("Dual_IntelR_Xeon_Gold_6242", "31x2+2x1 2x32"),  # 32x2: the first pair
    ("Dual_Intel_Xeon_E5-2698v3", "28x2+8x1 2x32"),  # 32x2: the first four pairs
    ("Dual_Intel_Xeon_Gold_6336Y", "48x2 2x48"),
    ("Dual_Intel_Xeon_Platinum_8358", "2x32"),
    ("Dual_Loongson_3B4000", ""),  # 2x4: in the table the second package's CPUs are nearer to the first's than to each other
    ("Dual_Sun-Oracle_SPARC_T4", "2x8"),
    ("IBM_PPC970", None),  # no table but what the program said
    ("IntelR_AtomTM_CPU_D510", "2x2"),
    ("IntelR_CoreTM_i5-4590", ""),
    ("IntelR_CoreTM_i7-1165G7", "4x2"),
    ("IntelR_XeonR_CPU_E5-2695", "35x2+2x1 2x36"),  # 36x2: the first pair
    ("IntelR_XeonR_Platinum_8375C", "64x2 2x64"),
    ("IntelR_Xeon_Gold_6242", "15x2+2x1"),  # 16x2: the first pair
    ("Intel_Celeron_1005M", ""),
    ("Intel_Core_2_Duo", ""),
    ("Intel_Core_2_Quad", ""),  # 2x2: 0 and 27 ns within, 52 between, and too few to tell with a clock as coarse
    ("Intel_Core_i3-4150", ""),  # 2x2: too few to tell
    ("Intel_Core_i5-10310U", "4x2"),
    ("Intel_Core_i5-1135G7", "4x2"),
    ("Intel_Core_i5-12600K", "6x2+4x1"),
    ("Intel_Core_i5-8600T", ""),
    ("Intel_Core_i7-12700K", "8x2+4x1"),
    ("Intel_Core_i7-13700KF", "8x2+8x1"),
    ("Intel_Core_i7-14700K", "8x2+12x1"),
    ("Intel_Core_i7-6700K", "4x2"),
    ("Intel_Core_i7-9700K", ""),
    ("Intel_Core_i9-12900K", "8x2+8x1"),
    ("Intel_Core_i9-9900K", "8x2"),
    ("Intel_Xeon_W-2150B", "9x2+2x1"),  # 10x2: the first pair
    ("Loongson_3A6000HV", "4x2"),
    ("Loongson_3C5000", ""),
    ("MCST_Elbrus", ""),
    ("NXP_LX2160A", "8x2"),  # clusters of two
    ("Quad_Intel_Xeon_E5-4650v2", "20x2 2x20"),  # two of the four packages were measured
    ("SpacemiT_K1", "2x4"),
)


def table(cpus, latency):
    """A lower triangle, as core-to-core-latency prints it."""
    return "".join(",".join([str(latency(a, b)) for b in range(a)] + [""] * (cpus - a)) + "\n" for a in range(cpus))


def nested(a, b):
    return 7.5 if a // 2 == b // 2 else 21 + b % 2 if a // 8 == b // 8 else 90 + a % 3


def shape(level):
    sizes = collections.Counter(map(size, level["groups"]))
    return "+".join(f"{count}x{members}" for members, count in sorted(sizes.items(), reverse=True))


def size(group):
    return sum(int(part.split("-")[-1]) - int(part.split("-")[0]) + 1 for part in group.split(","))


class Cores(harness.TestCase):
    def measure(self, text, *words):
        file = self.folder / "latencies.csv"
        file.write_text(text)
        return topo("measure", "cores", "--matrix", file, *words)

    def test_groups_are_found(self):
        done = self.measure(table(16, nested), "--json")
        self.assert_ok(done)
        document = json.loads(done.out)
        self.assertEqual((document["schema"], document["what"], document["cpus"]), ("torque.measure/1", "cores", "0-15"))
        self.assertEqual([level["likely"] for level in document["levels"]], ["core", "llc"])
        self.assertEqual([level["groups"] for level in document["levels"]],
                         [[f"{cpu}-{cpu + 1}" for cpu in range(0, 16, 2)], ["0-7", "8-15"]])
        self.assertEqual(document["levels"][0]["latency_ns"], 7.5)
        text = self.measure(table(16, nested)).out
        for part in ("16 CPUs", "8 groups of 2 CPUs each, likely threads of one core", "0-1 2-3", "0-7 8-15"):
            self.assertIn(part, text)

    def test_lines_are_the_cpus_that_are_named(self):
        document = json.loads(self.measure(table(16, nested), "--cpus", "16-31", "--json").out)
        self.assertEqual(document["levels"][1]["groups"], ["16-23", "24-31"])
        self.assert_fails(self.measure(table(16, nested), "--cpus", "16-30"), 2, "15 CPUs", "16")

    def test_no_structure(self):
        done = self.measure(table(8, lambda a, b: 40 + a * 7 % 5 + b * 3 % 4), "--json")
        self.assertEqual(json.loads(done.out)["levels"], [])
        self.assertIn("no groups", self.measure(table(8, lambda a, b: 40 + a % 2)).out)

    def test_a_bad_table_is_an_error_with_its_place(self):
        self.assert_fails(self.measure(",\nfast,\n"), 1, "latencies.csv:2", "fast", "hint: ")
        self.assert_fails(self.measure(""), 1, "latencies.csv", "hint: ")
        self.assert_fails(topo("measure", "cores", "--matrix", self.folder / "none"), 1, "none")

    def test_wrong_usage(self):
        self.assert_fails(topo("measure"), 2, "WHAT")
        self.assert_fails(topo("measure", "cores", "--matrix", "x", "--budget", "1s"), 2, "--budget", "--matrix")
        for time in ("0", "fast", "2h"):
            self.assert_fails(topo("measure", "cores", "--budget", time), 2, "--budget", time)
        self.assert_fails(topo("measure", "core", "--matrix", "x"), 2, "cores", "core", "did you mean measure cores?")
        self.assert_fails(topo("measure", "cores", "--matrxi", "x"), 2, "did you mean --matrix")


class LiveCase(harness.TestCase):
    def assert_unreliable(self, document):
        self.assertIs(document["reliable"], False)
        self.assertRegex(document["reason"], "other programs|hypervisor")


class Live(LiveCase):
    def setUp(self):
        super().setUp()
        self.cpus = sorted(os.sched_getaffinity(0))[:4]
        if len(self.cpus) < 2:
            self.skipTest("there is one CPU: no latencies")

    def measure(self, *words):
        """The document; none where the machine is too busy, which has to be said."""
        done = topo("measure", "cores", "--cpus", ",".join(map(str, self.cpus)), "--budget", "1s", "--json", *words)
        if done.status == 1:
            self.assert_fails(done, 1, "too busy", "hint: ")
            return None
        self.assert_ok(done)
        return json.loads(done.out)

    def test_every_pair_is_measured(self):
        document = self.measure()
        if document is None:
            self.skipTest("the machine is too busy to measure")
        self.assertEqual([[pair["a"], pair["b"]] for pair in document["pairs"]],
                         [[a, b] for a in self.cpus for b in self.cpus if a < b])
        self.assertEqual(document["reliable"], document["reason"] is None)
        for pair in document["pairs"]:
            self.assertGreaterEqual(pair["samples"], 5)
            if document["reliable"]:  # from shared level 1 caches to packages at either end of a large machine
                self.assertTrue(1 < pair["latency_ns"] < 5000, pair)

    def test_a_busy_machine_is_said_to_be_one(self):
        with harness.burning():
            document = self.measure()
        if document is not None:
            self.assert_unreliable(document)

    def test_cpus_that_are_not_there(self):
        self.assert_fails(topo("measure", "cores", "--cpus", "0,5000"), 2, "5000", "allowed are")
        self.assert_fails(topo("measure", "cores", "--cpus", str(self.cpus[0])), 2, "at least 2 CPUs")

    def test_cpus_that_this_process_is_bound_away_from_are_left_out(self):
        done = subprocess.run(["taskset", "-c", str(self.cpus[0]), harness.options.topo, "measure", "cores"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("there is 1", done.stderr)


class Smt(LiveCase):
    def setUp(self):
        super().setUp()
        self.cpus = sorted(os.sched_getaffinity(0))[:4]
        if len(self.cpus) < 2:
            self.skipTest("there is one CPU: nothing to share a core with")

    def measure(self):
        done = topo("measure", "smt", "--cpus", ",".join(map(str, self.cpus)), "--budget", "500ms", "--json")
        self.assert_ok(done)
        return json.loads(done.out)

    def test_every_pair_is_tried(self):
        document = self.measure()
        pairs = [[pair["a"], pair["b"]] for pair in document["pairs"]]
        self.assertEqual(pairs, [[a, b] for a in self.cpus for b in self.cpus if a < b])
        self.assertEqual([row["cpu"] for row in document["alone"]], self.cpus)
        self.assertIs(document["every_pair"], True)
        for pair in document["pairs"]:
            self.assertGreater(pair["samples"], 0)
            self.assertTrue(0.1 < pair["speed"] < 1.2, pair)
            self.assertEqual(pair["certainty"] == "none", pair["sharing"] == "unsure")
        if document["reliable"] and document["declared"]:
            self.assertTrue(set(document["declared"]) <= set(document["cores"]), document)

    def test_two_results_agree_within_their_spread(self):
        apart = []
        for _ in range(3):  # a hypervisor may have moved the CPUs between two results
            first, second = self.measure(), self.measure()
            if not (first["reliable"] and second["reliable"]):
                continue
            apart.append([(one, other) for one, other in zip(first["pairs"], second["pairs"])
                          if abs(one["speed"] - other["speed"]) > max(one["spread"], other["spread"], 0.05)])
            if not apart[-1]:
                return
        if not apart:
            self.skipTest("the machine is too busy to measure")
        self.fail(apart)

    def test_a_busy_machine_is_said_to_be_one(self):
        with harness.burning():
            document = self.measure()
        self.assert_unreliable(document)

    def test_wrong_usage(self):
        self.assert_fails(topo("measure", "smt", "--cpus", str(self.cpus[0])), 2, "at least 2 CPUs")
        self.assert_fails(topo("measure", "smt", "--matrix", "x"), 2, "--matrix is not for measure smt")


def fault_of_products(loop):
    """What a loop is, other than twelve products in registers of their own, a count and a jump; empty: nothing."""
    products = [re.fullmatch(r"\$0x[0-9a-f]+,(%r\w+),\1", args) for name, args in loop if name == "imul"]
    if None in products:
        return "a product of something else than a register and a constant"
    registers = {product.group(1) for product in products}
    if len(products) != 12 or len(registers) != 12:
        return f"{len(products)} products in {len(registers)} registers"
    rest = [f"{name} {args}" for name, args in loop if name != "imul"]
    if len(rest) != 2 or not re.fullmatch(r"(sub|add) +\$0x[0-9a-f]+,%r\w+|(dec|inc) +%r\w+", rest[0]) or rest[1][0] != "j":
        return f"more than a count and a jump: {rest}"
    count = rest[0].split()[-1].rpartition(",")[2]
    return f"{count} is counted and multiplied" if count in registers else ""


class Faults(unittest.TestCase):
    """The look at the machine code sees what a broken loop would have."""

    def test_products(self):
        registers = ("rax", "rbx", "rcx", "rdx", "rsi", "rbp", "r8", "r9", "r10", "r11", "r12", "r13")
        products = [("imul", f"$0x4f1bbcdd,%{name},%{name}") for name in registers]
        end = [("sub", "$0x1,%rdi"), ("jne", "4b2c0 <x+0x30>")]
        self.assertEqual(fault_of_products(products + end), "")
        self.assertEqual(fault_of_products(products + [("dec", "%rdi"), end[1]]), "")
        for broken in ([], products, products[:11] + end, products + products + end,  # folded, endless, too few, too many
                       products[:11] + products[:1] + end,  # one after the other
                       products[:11] + [("imul", "%r12,%r13")] + end,  # of another's result
                       products[:11] + [("imul", "$0x4f1bbcdd,(%rsp),%r13")] + end,
                       products[:11] + [("shl", "$0x3,%r13")] + end,  # no product
                       products + [("mov", "%rax,-0x8(%rsp)")] + end, products + [("mov", "%fs:0x28,%r15")] + end,
                       products + [("push", "%rax"), end[1]], products + [("subq", "$0x1,-0x8(%rsp)"), end[1]],
                       products + [("lfence", "")] + end, products + [("sub", "$0x1,%rax"), end[1]]):
            self.assertNotEqual(fault_of_products(broken), "", broken)


class Loops(harness.TestCase):
    """Each loop that measures does what its comment says, by its machine code."""

    def setUp(self):
        super().setUp()
        if shutil.which("objdump") is None or platform.machine() != "x86_64" or harness.options.sanitized:
            self.skipTest("needs objdump and a plain build for x86-64")

    def code(self, symbol):
        """(address, name, arguments) of each instruction of a function."""
        listing = subprocess.run(["objdump", "-d", "--no-show-raw-insn", f"--disassemble={symbol}", harness.options.topo],
                                 capture_output=True, text=True, check=True).stdout
        code = [(int(address, 16), name, args.strip()) for address, name, args in
                re.findall(r"^ *([0-9a-f]+):\t(\S+)[ \t]*(.*)$", listing, re.MULTILINE)]
        self.assertTrue(code, f"{symbol} is not in the program")
        if any(re.fullmatch(r"%rdi,-0x[0-9a-f]+\(%rbp\)", args) for _, _, args in code):
            self.skipTest("the program was built without optimisation")
        return code

    def loops(self, code):
        """The instructions from the target of each jump backwards to the jump."""
        found = []
        for at, (address, name, args) in enumerate(code):
            target = re.match(r"([0-9a-f]+) <", args) if name.startswith("j") else None
            if target and int(target.group(1), 16) <= address:
                found.append([(name, args) for start, name, args in code[: at + 1] if start >= int(target.group(1), 16)])
        return found

    def test_the_loop_of_cores_waits_for_the_line_and_stores_to_it_and_does_nothing_else(self):
        code = [(name, args) for _, name, args in self.code(BOUNCE)]
        loads = [args for name, args in code if name == "mov" and re.fullmatch(r"\(%rdi\),%e\w+", args)]
        stores = [args for name, args in code if name == "mov" and re.fullmatch(r"%\w+,\(%rdi\)", args)]
        self.assertTrue(loads, code)
        self.assertTrue(stores, code)
        jumps = [name for name, _ in code if name.startswith("j")]
        self.assertGreaterEqual(len(jumps), 3, code)  # not yet; too often; the next trip
        forbidden = [name for name, _ in code if name.startswith(("call", "lock", "xchg", "mfence", "pause", "rep"))]
        self.assertEqual(forbidden, [])
        elsewhere = [f"{name} {args}" for name, args in code
                     if "(" in args and "(%rdi)" not in args and not name.startswith(("nop", "lea", "data16", "cs"))]
        self.assertEqual(elsewhere, [])

    def test_the_loop_of_jitter_looks_at_the_counter_and_touches_no_memory(self):
        loops = [loop for loop in self.loops(self.code(WATCH_GAPS)) if ("rdtsc", "") in loop]
        quiet = min(loops, key=len, default=[])
        names = [name for name, _ in quiet]
        self.assertEqual(names.count("rdtsc"), 1, loops)
        self.assertEqual(names[names.index("rdtsc") - 1], "lfence", quiet)
        self.assertIn("sub", names)
        self.assertLessEqual(len([name for name in names if not name.startswith("nop")]), 20, quiet)
        self.assertEqual([name for name in names if name.startswith(("call", "lock", "rep", "div"))], [])
        self.assertEqual([f"{name} {args}" for name, args in quiet if "(" in args and not name.startswith(("nop", "lea"))], [])

    def test_the_loop_of_smt_multiplies_twelve_numbers_that_need_nothing_of_each_other(self):
        self.assertEqual(fault_of_products(min(self.loops(self.code(MULTIPLY)), key=len, default=[])), "")

    def test_the_loop_of_cache_follows_the_chain_and_does_nothing_else(self):
        loop = min(self.loops(self.code(CHASE)), key=len, default=[])
        loads = [args for name, args in loop if name == "mov"]
        self.assertEqual(len(loads), 16, loop)
        for args in loads:  # each address is what the load before has loaded
            self.assertRegex(args, r"^\((%\w+)\),\1$")
        self.assertEqual(len(set(loads)), 1, loop)
        self.assertNotIn(loads[0].rpartition(",")[2], [args.rpartition(",")[2] for name, args in loop if name != "mov"])
        self.assertLessEqual(len(loop), 19, "more than the loads, a count and a jump")

    def test_the_loop_of_memory_reads_128_bytes_and_writes_nothing(self):
        loop = min(self.loops(self.code(STREAM)), key=len, default=[])
        reads = [args for name, args in loop if name == "pxor" and "(" in args]
        self.assertEqual(len(reads), 8, loop)
        self.assertEqual(len({args.rpartition(",")[2] for args in reads}), 8, "two of the sums have the same register")
        self.assertEqual([f"{name} {args}" for name, args in loop if "(" in args.rpartition(",")[2]], [])
        self.assertLessEqual(len(loop), 12, "more than the reads, a pointer and a jump")
        self.assertFalse([name for name, _ in loop if name.startswith(("call", "prefetch", "rep", "lock"))], loop)


class Real(harness.TestCase):
    def setUp(self):
        super().setUp()
        if not REAL.is_dir():
            self.skipTest("the tables of real machines are not beside the checkout")

    def test_what_each_machines_name_says(self):
        for start, shapes in MACHINES:
            with self.subTest(machine=start):
                file = min(REAL.glob(f"{start}*.csv"), key=lambda path: path.name)
                done = topo("measure", "cores", "--matrix", file, "--json")
                if shapes is None:
                    self.assert_fails(done, 1, f"{file.name}:1")
                    continue
                self.assert_ok(done)
                self.assertEqual(" ".join(map(shape, json.loads(done.out)["levels"])), shapes)

    def test_every_table_is_in_the_list(self):
        missing = [path.name for path in sorted(REAL.glob("*.csv"))
                   if not any(path.name.startswith(start) for start, _ in MACHINES)]
        self.assertEqual(missing, [])


if __name__ == "__main__":
    harness.main()
